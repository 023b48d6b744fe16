provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = {
      team          = "checkout"
      environment   = "production"
      system        = "parcel-sales"
      "review-after" = "2027-03-01"
    }
  }
}

locals {
  cluster_issuer = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE111122223333"
}

# Well kept: one workload may become it, it may do two things, and the team that answers approves its changes.
resource "aws_iam_role" "checkout_api" {
  name = "checkout-api"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/${local.cluster_issuer}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.cluster_issuer}:aud" = "sts.amazonaws.com"
          "${local.cluster_issuer}:sub" = "system:serviceaccount:checkout:checkout-api"
        }
      }
    }]
  })
  tags = {
    purpose = "Reads carrier price lists and writes label files"
    runbook = "https://runbooks.lumen-parcel.example/checkout-api#revoke"
  }
}

resource "aws_iam_role_policy" "checkout_api" {
  name = "labels"
  role = aws_iam_role.checkout_api.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::lumen-parcel-prices/*" },
      { Effect = "Allow", Action = ["s3:PutObject"], Resource = "arn:aws:s3:::lumen-parcel-labels/*" },
    ]
  })
}
