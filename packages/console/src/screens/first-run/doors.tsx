import { Button, FileButton, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { FormEvent, ReactElement, ReactNode } from 'react'
import { importReportFile, write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Note, ProblemNote } from '../../ui/answer.tsx'
import { ImportSummary } from './import-summary.tsx'
import css from './first-run.module.css'

type Session = Reply<'session'>

function Door({ title, children }: { title: string; children: ReactNode }): ReactElement {
  const id = useId()
  return (
    <section className={css['door']} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

function ReadersOnly(): ReactElement {
  return <Note tone="plain">Your session may only read. An administrator can add sources.</Note>
}

export function ScanDoor({ session, path, onJob }: { session: Session; path: string; onJob(id: string): void }): ReactElement {
  const [value, setValue] = useState(path)
  const start = useMutation({ ...write('startScan'), onSuccess: (job) => onJob(job.id) })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (value.trim() !== '') start.mutate({ body: { path: value.trim() } })
  }
  return (
    <Door title="Scan a directory on this machine">
      <p className="soft">
        Kubernetes manifests, Terraform, CI workflows, gateway configuration, catalogs, cloud exports: whatever lies below it
        is recognised.
      </p>
      {session.role !== 'administrator' ? (
        <ReadersOnly />
      ) : !session.canScanLocalPaths ? (
        <Note tone="plain">This server does not scan its own files. Run the scan where the files are, and upload the report.</Note>
      ) : (
        <form onSubmit={submit} className="stack">
          <TextInput
            label="Directory or file"
            placeholder="/home/me/infrastructure"
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            maxLength={4_096}
            classNames={{ input: 'mono' }}
          />
          <Button type="submit" loading={start.isPending} disabled={value.trim() === ''}>
            Scan
          </Button>
        </form>
      )}
      {start.error && <ProblemNote error={start.error} />}
    </Door>
  )
}

export function UploadDoor({ session }: { session: Session }): ReactElement {
  const upload = useMutation({
    mutationFn: (file: File) => importReportFile(file, file.name),
    onSuccess: () => queryClient.invalidateQueries(),
  })
  return (
    <Door title="Upload a scan report">
      <p className="soft">Made wherever the files are, also in CI:</p>
      <pre className={css['command']}>npm run onus -- scan PATH --format json --out report.json</pre>
      {session.role !== 'administrator' ? (
        <ReadersOnly />
      ) : (
        <FileButton accept="application/json,.json" onChange={(file) => file && upload.mutate(file)} inputProps={{ 'aria-label': 'Report file' }}>
          {(props) => (
            <Button {...props} variant="default" loading={upload.isPending}>
              Choose report.json
            </Button>
          )}
        </FileButton>
      )}
      {upload.error && <ProblemNote error={upload.error} />}
      {upload.data && <ImportSummary result={upload.data} />}
    </Door>
  )
}

type ExampleProps = { session: Session; sources: number | undefined; onJob(id: string): void }

export function ExampleDoor({ session, sources, onJob }: ExampleProps): ReactElement {
  const load = useMutation({ ...write('loadExample'), onSuccess: (job) => onJob(job.id) })
  // Made-up rows beside real ones mislead, whatever a banner says.
  const isMixing = (sources ?? 0) > 0 && !session.isExampleLoaded
  return (
    <Door title="Explore the example company">
      <p className="soft">A small made-up estate with the usual troubles: split ownership, old keys, leavers, unread files.</p>
      {session.isExampleLoaded ? (
        <p>
          It is loaded. <Link to="/">See the overview</Link>.
        </p>
      ) : session.role !== 'administrator' ? (
        <ReadersOnly />
      ) : isMixing ? (
        <Note tone="plain">Offered only while nothing else is imported, so that made-up rows never mix with yours.</Note>
      ) : (
        <Button variant="default" loading={load.isPending} onClick={() => load.mutate({})}>
          Load the example
        </Button>
      )}
      {load.error && <ProblemNote error={load.error} />}
    </Door>
  )
}
