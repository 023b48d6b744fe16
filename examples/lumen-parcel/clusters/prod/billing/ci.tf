# The company's own module: a service account, its token, and a copy of the token in CI. The date is a placeholder that nobody came back to.
module "billing_ci" {
  source              = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.1.0"
  namespace           = "billing"
  serviceaccount_name = "billing-ci"
  github_repositories = ["invoice-run"]
  token_rotated_date  = "01-01-2000"
}
