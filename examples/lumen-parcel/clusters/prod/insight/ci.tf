# The company's own module: a service account, its token, and a copy of the token in CI. Somebody wrote down the plan.
module "insight_ci" {
  source              = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace           = "insight"
  serviceaccount_name = "insight-ci"
  token_rotated_date  = "2027-01-15"
}
