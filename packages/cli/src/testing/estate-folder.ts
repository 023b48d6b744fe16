import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Writes the files into a fresh directory, lends it, and removes it. */
export async function withEstate<T>(
  files: Record<string, string | Buffer>,
  use: (root: string) => Promise<T>,
): Promise<T> {
  const base = mkdtempSync(join(tmpdir(), 'onus-cli-'))
  const root = join(base, 'estate')
  mkdirSync(root)
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    return await use(root)
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

/** A small estate in which two teams differ about one account and nobody is named for another. */
export const SMALL_ESTATE = {
  'ledger/namespace.yaml': `apiVersion: v1
kind: Namespace
metadata:
  name: ledger-prod
  annotations:
    lumen.example/team-name: billing
    lumen.example/owner: "Dispatch: dispatch@lumen.example"
    lumen.example/environment-name: production
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: admins, namespace: ledger-prod }
subjects:
  - { kind: Group, name: "github:dispatch", apiGroup: rbac.authorization.k8s.io }
  - { kind: Group, name: "github:billing", apiGroup: rbac.authorization.k8s.io }
roleRef: { kind: ClusterRole, name: admin, apiGroup: rbac.authorization.k8s.io }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ledger-sync, namespace: ledger-prod }
`,
  'cloud/user.tf': `resource "aws_iam_user" "robot" {
  name = "robot"
}
resource "aws_iam_access_key" "robot" {
  user = aws_iam_user.robot.name
}
resource "aws_iam_user_policy_attachment" "robot" {
  user       = aws_iam_user.robot.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
`,
  'notes.md': 'nothing of interest\n',
}
