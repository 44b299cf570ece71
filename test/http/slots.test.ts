/** Slots bound, queue in order, and forget those who left. */
import { expect, test } from "bun:test";
import { createSlots } from "../../src/http/slots.ts";

test("those beyond the limit enter in order, and those who left are passed over", async () => {
  const slots = createSlots(1);
  const order: string[] = [];
  const enter = (name: string) => {
    const slot = slots.enter();
    void (slot.entered ?? Promise.resolve()).then(() => order.push(name));
    return slot;
  };
  const [first, second, third, fourth] = [enter("first"), enter("second"), enter("third"), enter("fourth")];
  await Promise.resolve();
  expect(order).toEqual(["first"]);
  second.leave();
  first.leave();
  await third.entered;
  expect(order).toEqual(["first", "third"]);
  third.leave();
  await fourth.entered;
  fourth.leave();
  await enter("fifth").entered;
  expect(order).toEqual(["first", "third", "fourth", "fifth"]);
});
