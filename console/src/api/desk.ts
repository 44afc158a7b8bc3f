import {
  addedArticleSchema,
  articlePageSchema,
  articleSchema,
  type CreateIssue,
  type EditIssue,
  type EscalateIssue,
  issueFileSchema,
  issueFilesSchema,
  issueHistorySchema,
  issuePeopleSchema,
  issueProductsSchema,
  issueSchema,
} from '@proactive/shared/http'
import { request, sendBytes } from './client.ts'

const of = (id: string, rest: string) => `/helpdesk/api/issues/${id}/${rest}`

/** What an agent does with an Issue beyond reading it. */
export const desk = {
  create: (body: CreateIssue) => request(issueSchema, 'POST', '/helpdesk/api/issues', body),
  people: (id: string) => request(issuePeopleSchema, 'GET', of(id, 'people')),
  edit: (id: string, body: EditIssue) => request(issueSchema, 'PATCH', `/helpdesk/api/issues/${id}`, body),
  products: (id: string) => request(issueProductsSchema, 'GET', of(id, 'products')),
  history: (id: string) => request(issueHistorySchema, 'GET', of(id, 'history')),
  collaborators: (id: string, body: { teamIds: readonly string[]; userIds: readonly string[] }) =>
    request(issueSchema, 'PUT', of(id, 'collaborators'), body),
  assign: (id: string, body: { teamId: string; userId?: string }) =>
    request(issueSchema, 'POST', of(id, 'assign'), body),
  handOver: (id: string, body: { teamId: string; note: string }) =>
    request(issueSchema, 'POST', of(id, 'hand-over'), body),
  handBack: (id: string, body: { note: string }) => request(issueSchema, 'POST', of(id, 'hand-back'), body),
  escalate: (id: string, body: EscalateIssue) => request(issueSchema, 'POST', of(id, 'escalate'), body),
  deEscalate: (id: string, body: { note: string }) =>
    request(issueSchema, 'POST', of(id, 'de-escalate'), body),
  files: (id: string) => request(issueFilesSchema, 'GET', of(id, 'files')),
  addFile: (id: string, file: File) =>
    sendBytes(issueFileSchema, of(id, `files?name=${encodeURIComponent(file.name.slice(0, 120))}`), file),
  fileUrl: (id: string, fileId: string) => of(id, `files/${fileId}`),
  searchArticles: (q: string) =>
    request(
      articlePageSchema,
      'GET',
      `/helpdesk/api/articles?limit=10${q === '' ? '' : `&q=${encodeURIComponent(q)}`}`,
    ),
  article: (articleId: string) => request(articleSchema, 'GET', `/helpdesk/api/articles/${articleId}`),
  addArticle: (id: string, articleId: string) =>
    request(addedArticleSchema, 'POST', of(id, 'articles'), { articleId }),
}
