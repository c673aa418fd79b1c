// What the command lines of the bench have in common.

/** A whole number of the command line. */
export function count(name, text, most) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most) {
    throw new Error(`${name} ${text}: a whole number from 1 to ${most} is needed`);
  }
  return number;
}
