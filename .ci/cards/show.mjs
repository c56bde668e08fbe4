// Shows Adaptive Cards with Microsoft's own library and says what a reader sees.
//
// In: a JSON object of requests to a workflow, by name. Out: for each name
//   problems  what the library says of it, and what version 1.4 does not know
//   texts     what each text block and each button shows, from top to bottom
//   links     where links in texts lead
//   tags      the elements of HTML that Markdown has become
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Window } from 'happy-dom'
import MarkdownIt from 'markdown-it'

const window = new Window()
Object.assign(globalThis, { window })
for (const name of ['document', 'HTMLElement', 'HTMLButtonElement', 'HTMLInputElement', 'Node']) globalThis[name] = window[name]

// Its modules for browsers cannot be loaded by node; its bundle can.
const { AdaptiveCard, SerializableObject, SerializationContext, Versions } =
  createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js')

const markdown = new MarkdownIt()
AdaptiveCard.onProcessMarkdown = (text, result) => {
  result.outputHtml = markdown.render(text)
  result.didProcess = true
}

let problems = []

// The library ignores properties that it does not know. These hold other
// elements and are not in its schemas, or are Teams' own.
const known = { AdaptiveCard: ['$schema', 'version', 'body', 'actions', 'msteams'], Container: ['items'] }
const parse = SerializableObject.prototype.internalParse
SerializableObject.prototype.internalParse = function (source, context) {
  const schema = this.getSchema()
  const properties = new Map()
  for (let i = 0; i < schema.getCount(); i++) properties.set(schema.getItemAt(i).name, schema.getItemAt(i))
  for (const name of Object.keys(source)) {
    const property = properties.get(name)
    if (!property && !known[source.type]?.includes(name)) problems.push(`${source.type} has no property ${name}`)
    if (property?.targetVersion.compareTo(Versions.v1_4) > 0) problems.push(`${source.type}.${name} is newer than 1.4`)
  }
  return parse.call(this, source, context)
}

function show(request) {
  problems = []
  const card = new AdaptiveCard()
  const context = new SerializationContext(Versions.v1_4)
  card.parse(request.attachments[0].content, context)
  for (let i = 0; i < context.eventCount; i++) problems.push(context.getEventAt(i).message)
  for (const event of card.validateProperties().validationEvents) problems.push(event.message)
  const page = card.render()
  if (!page) return { problems: [...problems, 'nothing is shown'], texts: [], links: [], tags: [] }
  const blocks = [...page.querySelectorAll('.ac-textBlock')]
  return {
    problems,
    texts: [...blocks, ...page.querySelectorAll('.ac-pushButton')].map((e) => e.textContent),
    links: blocks.flatMap((e) => [...e.querySelectorAll('a')].map((a) => a.getAttribute('href'))),
    tags: [...new Set(blocks.flatMap((e) => [...e.querySelectorAll('*')].map((x) => x.tagName.toLowerCase())))].sort(),
  }
}

const requests = JSON.parse(readFileSync(0, 'utf8'))
process.stdout.write(JSON.stringify(Object.fromEntries(Object.entries(requests).map(([name, request]) => [name, show(request)]))))
