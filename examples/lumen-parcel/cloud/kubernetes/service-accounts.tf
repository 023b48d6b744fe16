# The company's own module makes a service account, a token, and a copy of the token in CI. The date is bumped by hand.
module "checkout_ci" {
  source             = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace          = "checkout"
  serviceaccount_name = "checkout-ci"
  github_repositories = ["checkout-api"]
  token_rotated_date = "2026-08-11"
}

module "dispatch_ci" {
  source             = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace          = "dispatch"
  serviceaccount_name = "dispatch-ci"
  github_repositories = ["route-planner"]
  token_rotated_date = "14-02-2026"
}

module "billing_ci" {
  source             = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.1.0"
  namespace          = "billing"
  serviceaccount_name = "billing-ci"
  github_repositories = ["invoice-run"]
  token_rotated_date = "01-01-2000"
}

module "returns_ci" {
  source             = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace          = "returns"
  serviceaccount_name = "returns-ci"
  token_rotated_date = "31-02-2026"
}

module "insight_ci" {
  source             = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace          = "insight"
  serviceaccount_name = "insight-ci"
  token_rotated_date = "2027-01-15"
}
