resource "google_service_account" "maps" {
  account_id   = "route-maps"
  display_name = "Route maps"
  description  = "Fetches map tiles for the vans of a day. Owned by dispatch."
  project      = "lumen-parcel-prod"
}

resource "google_service_account_key" "maps" {
  service_account_id = google_service_account.maps.name
}

resource "google_project_iam_member" "maps" {
  project = "lumen-parcel-prod"
  role    = "roles/editor"
  member  = "serviceAccount:${google_service_account.maps.email}"
}

resource "google_project_iam_member" "owners" {
  project = "lumen-parcel-prod"
  role    = "roles/owner"
  member  = "group:platform@lumen-parcel.example"
}
