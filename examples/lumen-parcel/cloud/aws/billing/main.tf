# The printer cannot do OIDC, so it has a key. The key was copied to CI as well.
resource "aws_iam_user" "invoice_printer" {
  name = "invoice-printer"
  tags = {
    team        = "billing"
    environment = "production"
    system      = "monthly-invoicing"
    purpose     = "The print shop fetches the invoices of a month"
    vendor      = "Papertrail Print Shop"
  }
}

resource "aws_iam_access_key" "invoice_printer" {
  user = aws_iam_user.invoice_printer.name
}

resource "aws_iam_user_policy" "invoice_printer" {
  name = "fetch"
  user = aws_iam_user.invoice_printer.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::lumen-parcel-invoices/*" }]
  })
}

resource "github_actions_secret" "invoice_printer" {
  repository      = "invoice-run"
  secret_name     = "PRINTER_AWS_SECRET_ACCESS_KEY"
  plaintext_value = aws_iam_access_key.invoice_printer.secret
}
