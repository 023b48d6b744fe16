/**
 * The known ways to raise one's own rights in an AWS account, as data. Ids follow the names under which they were first
 * published (Rhino Security Labs, "AWS IAM Privilege Escalation"), so that results compare with other tools.
 */

/**
 * How a path works, which decides what its resource must be:
 * take-user: get credentials of another user · raise-*: write a policy that counts for oneself or for one who can be
 * taken · join-group · assume-role · retrust-role: make a role trust oneself · drop-boundary ·
 * pass-role: start a service with a role that it trusts · run-as: change what already runs with such a role.
 */
export type EscalationMethod =
  | 'take-user'
  | 'raise-user'
  | 'raise-group'
  | 'raise-role'
  | 'raise-policy'
  | 'join-group'
  | 'assume-role'
  | 'retrust-role'
  | 'drop-boundary'
  | 'pass-role'
  | 'run-as'

export type EscalationPath = {
  id: string
  method: EscalationMethod
  /** Sets of actions, each enough; all of a set are needed. For pass-role `iam:PassRole` comes on top. */
  ways: readonly (readonly string[])[]
  /** The service that the role must trust, for pass-role and run-as. */
  service?: string
}

const IAM_PATHS: readonly EscalationPath[] = [
  { id: 'CreateAccessKey', method: 'take-user', ways: [['iam:CreateAccessKey']] },
  { id: 'CreateLoginProfile', method: 'take-user', ways: [['iam:CreateLoginProfile']] },
  { id: 'UpdateLoginProfile', method: 'take-user', ways: [['iam:UpdateLoginProfile']] },
  { id: 'AttachUserPolicy', method: 'raise-user', ways: [['iam:AttachUserPolicy']] },
  { id: 'PutUserPolicy', method: 'raise-user', ways: [['iam:PutUserPolicy']] },
  { id: 'AttachGroupPolicy', method: 'raise-group', ways: [['iam:AttachGroupPolicy']] },
  { id: 'PutGroupPolicy', method: 'raise-group', ways: [['iam:PutGroupPolicy']] },
  { id: 'AttachRolePolicy', method: 'raise-role', ways: [['iam:AttachRolePolicy']] },
  { id: 'PutRolePolicy', method: 'raise-role', ways: [['iam:PutRolePolicy']] },
  { id: 'CreateNewPolicyVersion', method: 'raise-policy', ways: [['iam:CreatePolicyVersion']] },
  { id: 'SetExistingDefaultPolicyVersion', method: 'raise-policy', ways: [['iam:SetDefaultPolicyVersion']] },
  { id: 'AddUserToGroup', method: 'join-group', ways: [['iam:AddUserToGroup']] },
  { id: 'AssumeRole', method: 'assume-role', ways: [['sts:AssumeRole']] },
  { id: 'UpdateRolePolicyToAssumeIt', method: 'retrust-role', ways: [['iam:UpdateAssumeRolePolicy']] },
  {
    id: 'DropPermissionsBoundary',
    method: 'drop-boundary',
    ways: [
      ['iam:DeleteUserPermissionsBoundary'],
      ['iam:PutUserPermissionsBoundary'],
      ['iam:DeleteRolePermissionsBoundary'],
      ['iam:PutRolePermissionsBoundary'],
    ],
  },
]

const pass = (id: string, service: string, ways: readonly (readonly string[])[]): EscalationPath => ({
  id: `PassExistingRoleTo${id}`,
  method: 'pass-role',
  ways,
  service: `${service}.amazonaws.com`,
})

const PASS_ROLE_PATHS: readonly EscalationPath[] = [
  pass('NewLambda', 'lambda', [
    ['lambda:CreateFunction', 'lambda:InvokeFunction'],
    ['lambda:CreateFunction', 'lambda:CreateEventSourceMapping'],
    ['lambda:CreateFunction', 'lambda:AddPermission'],
    ['lambda:CreateFunction', 'lambda:CreateFunctionUrlConfig'],
  ]),
  pass('NewInstance', 'ec2', [
    ['ec2:RunInstances'],
    ['ec2:RequestSpotInstances'],
    ['ec2:RequestSpotFleet'],
    ['ec2:CreateFleet'],
    ['autoscaling:CreateLaunchConfiguration', 'autoscaling:CreateAutoScalingGroup'],
  ]),
  pass('ExistingInstance', 'ec2', [['ec2:AssociateIamInstanceProfile'], ['ec2:ReplaceIamInstanceProfileAssociation']]),
  pass('CloudFormation', 'cloudformation', [
    ['cloudformation:CreateStack'],
    ['cloudformation:UpdateStack'],
    ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
    ['cloudformation:CreateStackSet', 'cloudformation:CreateStackInstances'],
  ]),
  pass('NewGlueDevEndpoint', 'glue', [['glue:CreateDevEndpoint']]),
  pass('GlueJob', 'glue', [
    ['glue:CreateJob', 'glue:StartJobRun'],
    ['glue:CreateJob', 'glue:CreateTrigger'],
    ['glue:UpdateJob', 'glue:StartJobRun'],
    ['glue:UpdateJob', 'glue:CreateTrigger'],
    ['glue:CreateSession', 'glue:RunStatement'],
  ]),
  pass('DataPipeline', 'datapipeline', [
    ['datapipeline:CreatePipeline', 'datapipeline:PutPipelineDefinition', 'datapipeline:ActivatePipeline'],
  ]),
  pass('SageMaker', 'sagemaker', [
    ['sagemaker:CreateNotebookInstance', 'sagemaker:CreatePresignedNotebookInstanceUrl'],
    ['sagemaker:CreateTrainingJob'],
    ['sagemaker:CreateProcessingJob'],
  ]),
  pass('EcsTask', 'ecs-tasks', [
    ['ecs:RegisterTaskDefinition', 'ecs:RunTask'],
    ['ecs:RegisterTaskDefinition', 'ecs:StartTask'],
    ['ecs:RegisterTaskDefinition', 'ecs:CreateService'],
    ['ecs:RegisterTaskDefinition', 'ecs:UpdateService'],
    ['ecs:RunTask'],
  ]),
  pass('CodeBuild', 'codebuild', [
    ['codebuild:CreateProject', 'codebuild:StartBuild'],
    ['codebuild:UpdateProject', 'codebuild:StartBuild'],
    ['codebuild:CreateProject', 'codebuild:StartBuildBatch'],
  ]),
  pass('CodeStar', 'codestar', [['codestar:CreateProject']]),
  pass('StateMachine', 'states', [
    ['states:CreateStateMachine', 'states:StartExecution'],
    ['states:UpdateStateMachine', 'states:StartExecution'],
  ]),
  pass('Automation', 'ssm', [['ssm:StartAutomationExecution']]),
  pass('Scheduler', 'scheduler', [['scheduler:CreateSchedule'], ['scheduler:UpdateSchedule']]),
  pass('AppRunner', 'tasks.apprunner', [['apprunner:CreateService'], ['apprunner:UpdateService']]),
  pass('Batch', 'batch', [['batch:RegisterJobDefinition', 'batch:SubmitJob']]),
]

const runAs = (id: string, service: string, ways: readonly (readonly string[])[]): EscalationPath => ({
  id,
  method: 'run-as',
  ways,
  service: `${service}.amazonaws.com`,
})

const RUN_AS_PATHS: readonly EscalationPath[] = [
  runAs('EditExistingLambdaFunctionWithRole', 'lambda', [
    ['lambda:UpdateFunctionCode'],
    ['lambda:UpdateFunctionConfiguration'],
  ]),
  runAs('UpdateExistingGlueDevEndpoint', 'glue', [['glue:UpdateDevEndpoint']]),
  runAs('CommandOnInstance', 'ec2', [
    ['ssm:SendCommand'],
    ['ssm:StartSession'],
    ['ec2-instance-connect:SendSSHPublicKey'],
  ]),
  runAs('EditExistingStack', 'cloudformation', [
    ['cloudformation:UpdateStack'],
    ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
  ]),
  runAs('EditExistingBuild', 'codebuild', [
    ['codebuild:UpdateProject', 'codebuild:StartBuild'],
    ['codebuild:StartBuild'],
  ]),
  runAs('OpenExistingNotebook', 'sagemaker', [['sagemaker:CreatePresignedNotebookInstanceUrl']]),
  runAs('CommandInTask', 'ecs-tasks', [['ecs:ExecuteCommand']]),
]

export const ESCALATION_PATHS: readonly EscalationPath[] = [...IAM_PATHS, ...PASS_ROLE_PATHS, ...RUN_AS_PATHS]
