# The company's own module: a service account, its token, and a copy of the token in CI. Rotated in winter.
module "dispatch_ci" {
  source              = "git::https://git.lumen-parcel.example/modules/service-account?ref=2.4.0"
  namespace           = "dispatch"
  serviceaccount_name = "dispatch-ci"
  github_repositories = ["route-planner"]
  token_rotated_date  = "14-02-2026"
}
