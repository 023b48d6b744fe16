resource "github_repository_deploy_key" "estate" {
  title      = "estate-reader"
  repository = "estate"
  key        = "ssh-ed25519 EXAMPLE-NOT-A-KEY estate-reader"
  read_only  = true
}

resource "github_app_installation_repository" "review_bot" {
  installation_id = "1234567"
  repository      = "checkout-api"
}

resource "github_actions_organization_secret" "registry" {
  secret_name     = "REGISTRY_PASSWORD"
  visibility      = "all"
  plaintext_value = var.registry_password
}

variable "registry_password" {
  type      = string
  sensitive = true
}
