// Owns the one kind of error that `npm start` prints as it is: a sentence that says what is wrong and what to do.

export class StartRefusal extends Error {
  override readonly name = "StartRefusal";
}
