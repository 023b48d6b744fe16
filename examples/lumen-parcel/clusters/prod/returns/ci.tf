# The company's own module: a service account, its token, and a copy of the token in CI. There is no such day.
module "returns_ci" {
  source              = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace           = "returns"
  serviceaccount_name = "returns-ci"
  token_rotated_date  = "31-02-2026"
}
