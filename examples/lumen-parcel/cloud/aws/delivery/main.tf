# Every repository of the organisation may become this role, and it may do everything.
resource "aws_iam_role" "deploy_anything" {
  name               = "deploy-anything"
  assume_role_policy = data.aws_iam_policy_document.github.json
  tags = {
    team        = "platform"
    environment = "production"
    system      = "delivery"
    purpose     = "Deploys the stacks of all teams"
  }
}

data "aws_iam_policy_document" "github" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:lumen-parcel/*"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "deploy_anything" {
  role       = aws_iam_role.deploy_anything.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# One role for the pipelines of two environments.
resource "aws_iam_role" "tracking_release" {
  name = "tracking-release"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = [
            "repo:lumen-parcel/tracking-page:environment:development",
            "repo:lumen-parcel/tracking-page:environment:production",
          ]
        }
      }
    }]
  })
  # The label says dispatch, and only the platform team can change or approve it: a split.
  tags = { team = "dispatch", system = "delivery", purpose = "Releases the tracking page" }
}
