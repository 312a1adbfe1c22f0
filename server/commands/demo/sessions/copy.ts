import { backspace, go, look, paste, type Session, type } from '../session.ts';

const loader = `
export async function loadOrders(api: Api): Promise<Order[]> {
  const orders = await api.get('/orders');
  if (orders.length === 0) console.warn('no orders');
  return orders.map(toOrder);
}
`;

const text = `import { type Api, type Order, type Ticket, toOrder, toTicket } from './api.ts';
${loader}`;

/** A function is pasted below itself, and its name is changed: the rest of the copy follows, the original stays. */
export const copy: Session = {
  name: 'copy',
  title: 'A function is copied and gets another name; the rest of the copy follows',
  file: 'load.ts',
  languageId: 'typescript',
  text,
  moves: [
    go({ behind: 'map(toOrder);\n}\n' }),
    paste(loader),
    go({ behind: 'loadOrders', nth: 2 }),
    backspace(6),
    type('Tickets'),
    look(),
  ],
  goal: text + loader.replaceAll('Order', 'Ticket').replaceAll('order', 'ticket'),
};
