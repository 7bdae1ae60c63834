export default function InboxPage({ taskId }: { readonly taskId: string | null }) {
  return taskId;
}
