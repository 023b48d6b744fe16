# Well kept: no secret, one repository, one environment.
resource "azuread_application" "case_desk" {
  display_name = "case-desk-mail"
  description  = "Sends answers to people's complaints"
}

resource "azuread_service_principal" "case_desk" {
  client_id = azuread_application.case_desk.client_id
}

resource "azuread_application_federated_identity_credential" "case_desk" {
  application_id = azuread_application.case_desk.id
  display_name   = "deploy"
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = "repo:lumen-parcel/case-desk:environment:production"
  audiences      = ["api://AzureADTokenExchange"]
}

resource "azuread_application" "survey" {
  display_name = "survey-sender"
}

resource "azuread_application_password" "survey" {
  application_id = azuread_application.survey.id
  display_name   = "2099"
  end_date       = "2099-12-31T00:00:00Z"
}
