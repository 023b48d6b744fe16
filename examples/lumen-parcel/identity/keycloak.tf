resource "keycloak_openid_client" "depot_gate" {
  realm_id                 = "lumen"
  client_id                = "depot-gate"
  name                     = "Depot gate"
  description              = "Opens the gate of a depot for a van on its list"
  access_type              = "CONFIDENTIAL"
  service_accounts_enabled = true
}

resource "keycloak_openid_client_service_account_role" "depot_gate" {
  realm_id                = "lumen"
  service_account_user_id = keycloak_openid_client.depot_gate.service_account_user_id
  client_id               = "gate-api"
  role                    = "gate:open"
}
