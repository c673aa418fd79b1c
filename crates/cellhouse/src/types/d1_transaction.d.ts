/** An open transaction of a D1 database. Only Cellhouse has these. */
interface D1Transaction {
	prepare(query: string): D1PreparedStatement;
	batch<T = unknown>(statements: D1PreparedStatement[]): Promise<D1Result<T>[]>;
	exec(query: string): Promise<D1ExecResult>;
}

interface D1Database {
	/** Committed when the promise of `callback` is fulfilled, else rolled back; open for 5 s, or `timeout` ms, at most. */
	transaction<T>(callback: (tx: D1Transaction) => Promise<T>, options?: { timeout?: number }): Promise<T>;
}
