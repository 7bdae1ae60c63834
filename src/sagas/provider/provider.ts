import type { Method, PaymentProvider } from '../ports.ts';

/** One provider of two: balances are in the application's own database, everything else is a call. */
export function providerByMethod(http: PaymentProvider, balance: PaymentProvider): PaymentProvider {
  const of = (method: Method) => (method === 'balance' ? balance : http);
  return {
    charge: (request, signal) => of(request.method).charge(request, signal),
    refund: (request, signal) => of(request.method).refund(request, signal),
    reverse: (request, signal) => of(request.method).reverse(request, signal),
    settle: (method, key, signal) => of(method).settle(method, key, signal),
  };
}
