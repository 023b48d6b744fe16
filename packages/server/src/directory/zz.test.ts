import { test, after } from 'node:test'
import { openDatabase } from '../db/database.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { actorOfSession, openSession } from '../sessions/index.ts'
import { depart, writing } from './index.ts'
const databases = await testDatabases()
const connection = await databases.fresh()
const db = openDatabase(connection, () => {}, 10)
test('bench', async () => {
  const look = await connect(connection)
  await look.query(`insert into person (id,user_name,name_key,display_name,origin,is_active,created_at,changed_at) select 'per_'||n,'u'||n,'u'||n,'U'||n,'scim',true,now(),now() from generate_series(1,5000) n`)
  await look.query(`insert into person_activity(person_id,valid_from) select 'per_'||n, now() from generate_series(1,5000) n`)
  await look.query(`insert into directory_team (id,name,slug,kind,origin,is_active,created_at,changed_at) select 'tm_'||n,'t'||n,'t'||n,'business','scim',true,now(),now() from generate_series(1,500) n`)
  await look.query(`insert into membership(team_id,person_id,origin,valid_from) select 'tm_'||(1+(n+k*37)%500),'per_'||n,'scim',now() from generate_series(1,5000) n, generate_series(0,2) k on conflict do nothing`)
  const cols = (await look.query(`select column_name, data_type, is_nullable, column_default from information_schema.columns where table_name='identity' order by ordinal_position`)).rows
  const need = cols.filter((c:any)=>c.is_nullable==='NO' && c.column_default===null)
  const val = (c:any)=> c.column_name==='id'?`'idn_'||n`: c.column_name==='team'?'': /int|bigint|smallint/.test(c.data_type)?'0': c.data_type==='bytea'?`'\\x00'::bytea`: /timestamp/.test(c.data_type)?'now()': c.data_type==='boolean'?'false':`'x'`
  await look.query(`insert into identity (${need.map((c:any)=>c.column_name).join(',')},team) select ${need.map(val).join(',')},'tm_'||(1+n%400) from generate_series(1,300000) n`)
  await look.query('analyze')
  const now = new Date()
  const secrets: string[] = []
  for (let i=1;i<=200;i++) secrets.push(await db.tx((tx)=>openSession(tx,'per_'+i,{userAgent:'',earlier:undefined},now)))

  const { hashOf } = await import('../sessions/secrets.ts')
  const { readFile } = await import('node:fs/promises')
  const src = await readFile(new URL('../sessions/actor.ts', import.meta.url),'utf8')
  let q = /sql<SessionRow>`\(([\s\S]*?)\)`/.exec(src)![1]!.replace('${hash}','$1').replace('${now}','$2').replace(/\$\{new Date[^}]*\}/,'$3')
  for (let i=0;i<3;i++) { const r = await look.query('explain (analyze, buffers) '+q, [hashOf(secrets[3]!), now, new Date(now.getTime()-3600000)]); console.log(r.rows.map((x:any)=>x['QUERY PLAN']).slice(i===2?0:-3).join('\n')) }
  await db.close()
})
