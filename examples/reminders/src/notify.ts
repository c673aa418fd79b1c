// How this app notifies: on the console, and in a list that the object shows.

export async function sendNotification(storage: DurableObjectStorage, message: string): Promise<void> {
	console.log(`reminder: ${message}`);
	const sent = (await storage.get<string[]>("sent")) || [];
	await storage.put("sent", [...sent, message]);
}
