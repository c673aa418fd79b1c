// Marks a case that runs in an object: `inside(async (ctx, h) => ...)`.

export const inside = (code) => ({ inside: code });
