// `$.defineType("Product", { properties })`: a class of objects made from a description of its fields.

import { type ObjectClass } from "cellhouse:platform";
import { StateError, shown } from "./errors";
import { ownContext } from "./instances";
import { idIn, define } from "./registry";

type Kind = "string" | "number" | "boolean" | "object" | "array" | "date" | "any";

export interface Property {
	type?: Kind;
	required?: boolean;
	default?: unknown;
}

export interface TypeSchema {
	properties: Record<string, Kind | Property>;
}

const KEY = "value";

const FITS: Record<Kind, (value: unknown) => boolean> = {
	string: (value) => typeof value === "string",
	number: (value) => typeof value === "number" && Number.isFinite(value),
	boolean: (value) => typeof value === "boolean",
	object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
	array: Array.isArray,
	date: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
	any: () => true,
};

/** Makes a type, whose objects have get(), set(field, value), update(fields) and delete(). */
export function defineType(name: string, schema: TypeSchema): void {
	const properties = propertiesOf(name, schema);
	define(name, classFor(name, properties));
}

function propertiesOf(name: string, schema: TypeSchema): Map<string, Required<Pick<Property, "type">> & Property> {
	if (typeof name !== "string" || !/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`$.defineType(): a name has letters, digits and _; this is ${shown(name)}`);
	if (typeof schema?.properties !== "object" || schema.properties === null) {
		throw new TypeError(`$.defineType(${shown(name)}): { properties: { field: "string" } } is needed`);
	}
	const entries = Object.entries(schema.properties).map(([field, given]) => {
		const property = typeof given === "string" ? { type: given } : { type: "any" as Kind, ...given };
		if (!Object.hasOwn(FITS, property.type)) {
			throw new TypeError(`$.defineType(${shown(name)}): ${field} has the type ${shown(property.type)}: ${Object.keys(FITS).join(", ")}`);
		}
		return [field, property] as const;
	});
	return new Map(entries);
}

function classFor(name: string, properties: ReturnType<typeof propertiesOf>): ObjectClass {
	const check = (fields: Record<string, unknown>) => {
		for (const [field, value] of Object.entries(fields)) {
			const property = properties.get(field);
			if (!property) throw new TypeError(`${name} has no property ${shown(field)}: ${[...properties.keys()].join(", ")}`);
			if (value === undefined ? property.required : !FITS[property.type](value)) {
				throw new TypeError(`${name}.${field} is of the type ${property.type}; this is ${shown(value)}`);
			}
		}
	};
	return class {
		/** All fields, with `$id` and `$type`. */
		get(): Record<string, unknown> {
			const ctx = ownContext(this, "get()");
			const defaults = [...properties].filter(([, one]) => one.default !== undefined).map(([field, one]) => [field, one.default]);
			return { $id: idIn(ctx.id.name ?? ""), $type: name, ...Object.fromEntries(defaults), ...ctx.storage.kv.get(KEY) };
		}

		set(field: string, value: unknown): Record<string, unknown> {
			return this.update({ [field]: value });
		}

		/** All of these fields, or, if one is wrong, none. */
		update(fields: Record<string, unknown>): Record<string, unknown> {
			if (!FITS.object(fields)) throw new TypeError(`${name}.update(): fields are an object; this is ${shown(fields)}`);
			check(fields);
			const { storage } = ownContext(this, "update()");
			const value = { ...storage.kv.get(KEY), ...fields };
			const missing = [...properties].find(([field, one]) => one.required && value[field] === undefined && one.default === undefined);
			if (missing) throw new StateError("STATE_CONFLICT", `${name}.${missing[0]} is required`);
			storage.kv.put(KEY, value);
			return this.get();
		}

		async delete(): Promise<void> {
			await ownContext(this, "delete()").storage.deleteAll();
		}
	};
}
