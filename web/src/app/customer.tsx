import { Foresight } from "../features/foresight/person";
import { CustomerScreen } from "../features/profile/customer";

const foresight = (id: string) => <Foresight id={id} />;

/** One customer, with what other rooms know of her: features do not know each other, so they meet here. */
export function CustomerPage() {
  return <CustomerScreen foresight={foresight} />;
}
