/** Rewrites HTML as it streams: https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/ */
declare class HTMLRewriter {
	on(selector: string, handlers: HTMLRewriterElementContentHandlers): HTMLRewriter;
	onDocument(handlers: HTMLRewriterDocumentContentHandlers): HTMLRewriter;
	transform(response: Response): Response;
}

interface HTMLRewriterElementContentHandlers {
	element?(element: HTMLRewriterTypes.Element): void | Promise<void>;
	comments?(comment: HTMLRewriterTypes.Comment): void | Promise<void>;
	text?(text: HTMLRewriterTypes.Text): void | Promise<void>;
}

interface HTMLRewriterDocumentContentHandlers {
	doctype?(doctype: HTMLRewriterTypes.Doctype): void | Promise<void>;
	comments?(comment: HTMLRewriterTypes.Comment): void | Promise<void>;
	text?(text: HTMLRewriterTypes.Text): void | Promise<void>;
	end?(end: HTMLRewriterTypes.DocumentEnd): void | Promise<void>;
}

declare namespace HTMLRewriterTypes {
	interface ContentOptions {
		/** Whether the content is HTML; it is escaped otherwise. */
		html?: boolean;
	}

	type Content = string | ReadableStream | Response;

	interface Element {
		tagName: string;
		readonly attributes: IterableIterator<[name: string, value: string]>;
		readonly removed: boolean;
		readonly namespaceURI: string;
		getAttribute(name: string): string | null;
		hasAttribute(name: string): boolean;
		setAttribute(name: string, value: string): Element;
		removeAttribute(name: string): Element;
		before(content: Content, options?: ContentOptions): Element;
		after(content: Content, options?: ContentOptions): Element;
		prepend(content: Content, options?: ContentOptions): Element;
		append(content: Content, options?: ContentOptions): Element;
		replace(content: Content, options?: ContentOptions): Element;
		remove(): Element;
		removeAndKeepContent(): Element;
		setInnerContent(content: Content, options?: ContentOptions): Element;
		onEndTag(handler: (tag: EndTag) => void | Promise<void>): void;
	}

	interface EndTag {
		name: string;
		before(content: Content, options?: ContentOptions): EndTag;
		after(content: Content, options?: ContentOptions): EndTag;
		remove(): EndTag;
	}

	interface Text {
		readonly text: string;
		readonly lastInTextNode: boolean;
		readonly removed: boolean;
		before(content: Content, options?: ContentOptions): Text;
		after(content: Content, options?: ContentOptions): Text;
		replace(content: Content, options?: ContentOptions): Text;
		remove(): Text;
	}

	interface Comment {
		text: string;
		readonly removed: boolean;
		before(content: string, options?: ContentOptions): Comment;
		after(content: string, options?: ContentOptions): Comment;
		replace(content: string, options?: ContentOptions): Comment;
		remove(): Comment;
	}

	interface Doctype {
		readonly name: string | null;
		readonly publicId: string | null;
		readonly systemId: string | null;
	}

	interface DocumentEnd {
		append(content: string, options?: ContentOptions): DocumentEnd;
	}
}
