# A partner outside the company. Nothing says when the contract, and with it the access, ends.
resource "auth0_client" "weather_partner" {
  name           = "Weather partner"
  description    = "Sends storm warnings for the routes of a day"
  app_type       = "non_interactive"
  is_first_party = false
}

resource "auth0_client_grant" "weather_partner" {
  client_id = auth0_client.weather_partner.client_id
  audience  = "https://api.lumen-parcel.example/routes"
  scopes    = ["routes:read"]
}
