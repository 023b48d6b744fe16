# The company's own module: a service account, its token, and a copy of the token in CI. Rotated a few weeks ago.
module "checkout_ci" {
  source              = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace           = "checkout"
  serviceaccount_name = "checkout-ci"
  github_repositories = ["checkout-api"]
  purpose             = "Deploys the checkout API"
  runbook             = "https://runbooks.lumen-parcel.example/ci-accounts#revoke"
  token_rotated_date  = "2026-08-11"
}
