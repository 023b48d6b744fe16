resource "okta_app_oauth" "rota_sync" {
  label                      = "rota-sync"
  type                       = "service"
  grant_types                = ["client_credentials"]
  token_endpoint_auth_method = "private_key_jwt"
}

resource "okta_app_oauth_api_scope" "rota_sync" {
  app_id = okta_app_oauth.rota_sync.id
  issuer = "https://lumen-parcel.okta.example"
  scopes = ["okta.users.read", "okta.groups.read"]
}
