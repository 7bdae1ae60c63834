export default function StartPage({ type }: { readonly type: string | null }) {
  return type;
}
