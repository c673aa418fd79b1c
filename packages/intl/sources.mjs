// What goes into generated/: classes, languages, and what is changed in the classes.

// Package, class, script.
export const CLASSES = [
  ["intl-numberformat", "NumberFormat", "number_format"],
  ["intl-datetimeformat", "DateTimeFormat", "date_time_format"],
  ["intl-pluralrules", "PluralRules", "plural_rules"],
  ["intl-relativetimeformat", "RelativeTimeFormat", "relative_time_format"],
  ["intl-listformat", "ListFormat", "list_format"],
  ["intl-displaynames", "DisplayNames", "display_names"],
  ["intl-durationformat", "DurationFormat", "duration_format"],
  ["intl-locale", "Locale", "locale"],
  ["intl-supportedvaluesof", "supportedValuesOf", "supported_values_of"],
];

// Those that browsers have, with all their regions.
export const LANGUAGES = new Set(
  `af am ar as az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy id ig is it
  ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn no or pa pl ps pt ro ru sd si sk sl so sq sr sv sw
  ta te th tk to tr uk ur uz vi yo yue zh zu`.split(/\s+/),
);

// What is changed in every package that has the text: how wrong options are told.
export const TOLD = [
  [/throw new RangeError\(`\$\{value\} is not within \$\{values\.join\(", "\)\}`\)/g, (kind) =>
    `throw new RangeError(\`Value \${value} out of range for Intl.${kind} options property \${prop}\`)`],
];

const BEST_FIT = `function BestFitFormatMatcher(options, formats) {
	const DATE = ["weekday", "era", "year", "month", "day"];
	const TIME = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];
	const has = (fields) => fields.some((field) => options[field] !== void 0);
	if (formats.joins !== void 0 && has(DATE) && has(TIME)) {
		const match = (left) => {
			const wanted = Object.entries(options).filter(([field]) => !left.includes(field));
			const among = formats.filter((format) => left.every((field) => format[field] === void 0));
			return BestFitFormatMatcher(Object.fromEntries(wanted), among);
		};
		const date = match([...TIME, "hour12", "timeZoneName"]);
		const time = match(DATE);
		const long = options.weekday === void 0 ? "long" : "full";
		const join = formats.joins[{ long, short: "medium" }[options.month] ?? "short"];
		const joined = (pattern) => join.replace("{0}", () => pattern).replace("{1}", () => date.pattern);
		const format = { ...date, ...time, pattern: joined(time.pattern) };
		if (time.pattern12 !== void 0) format.pattern12 = joined(time.pattern12);
		format.rangePatterns = format.rangePatterns12 = void 0;
		return format;
	}
`;

const NEAREST = `function nearest(availableLocales, requestedLocales, getDefaultLocale) {
	const tags = availableLocales instanceof Set ? availableLocales : new Set(availableLocales);
	for (const requested of requestedLocales) {
		const { locale, extension } = splitUnicodeExtension(requested);
		for (let tag = locale; tag !== ""; tag = tag.slice(0, Math.max(tag.lastIndexOf("-"), 0))) {
			if (tags.has(tag)) return { locale: tag, extension };
		}
	}
	return { locale: getDefaultLocale() };
}
function ResolveLocale(`;

// Package, and pairs of a text that is there once and what takes its place.
export const PATCHES = {
  "intl-datetimeformat": [
    // Time zones are the engine's.
    ["	const zoneData = tzData[timeZone];\n	if (!zoneData) return [0, false];\n", "	return DateTimeFormat.zoneAt(t, timeZone);\n	const zoneData = [];\n"],
    ["	if (IsTimeZoneOffsetString$1(tz)) return ParseTimeZoneOffsetString$1(tz);\n	const uppercasedTz", "	if (IsTimeZoneOffsetString$1(tz)) return ParseTimeZoneOffsetString$1(tz);\n	return DateTimeFormat.canonicalZone(tz);\n	const uppercasedTz"],
    ["	for (let i = 0; i < tz.length; i++) if (tz.charCodeAt(i) > 127) return false;\n	const uppercasedTz", "	return DateTimeFormat.canonicalZone(tz) !== undefined;\n	const uppercasedTz"],
    ["		timeZone = String(timeZone);\n		if (!IsValidTimeZoneName(timeZone, {\n			zoneNamesFromData: Object.keys(tzData),\n			uppercaseLinks\n		})) throw new RangeError(\"Invalid timeZoneName\");", "		timeZone = String(timeZone);\n		if (!IsValidTimeZoneName(timeZone, {\n			zoneNamesFromData: Object.keys(tzData),\n			uppercaseLinks\n		})) throw new RangeError(`Invalid time zone specified: ${timeZone}`);"],
    ["throw new RangeError(\"Invalid time\")", "throw new RangeError(\"Invalid time value\")"],
    // `longOffset` has two digits for hours and minutes, and nothing at UTC.
    ["	if (style === \"long\") offsetStr", "	if (offsetInMs === 0 && style !== \"long\") return gmtFormat.replace(\"{0}\", \"\").trim();\n	if (style === \"long\" || style === \"longOffset\") offsetStr"],
    // The name of a zone beside a date alone brings no hour.
    // Days and times are matched each by itself and joined, as ICU does it, so that the texts need not hold every pair.
    ["function BestFitFormatMatcher(options, formats) {\n", BEST_FIT],
    ["return parsed ??= Object.keys(formats[calendar]).map((skeleton) => parseDateTimeSkeleton(skeleton, formats[calendar][skeleton], calendarIntervals[skeleton] || findIntervalFormat(skeleton, calendarIntervals), calendarIntervals.intervalFormatFallback));", "if (parsed === void 0) {\n						parsed = Object.keys(formats[calendar]).map((skeleton) => parseDateTimeSkeleton(skeleton, formats[calendar][skeleton], calendarIntervals[skeleton] || findIntervalFormat(skeleton, calendarIntervals), calendarIntervals.intervalFormatFallback));\n						parsed.joins = processedData.dateTimeFormat;\n					}\n					return parsed;"],
    ["	let bestScore = -Infinity;\n	let bestFormat = formats[0];\n	invariant(Array.isArray(formats), \"formats should be a list of things\");\n	for (const format of formats) {\n		const score = bestFitFormatMatcherScore(options, format);", "	const { timeZoneName, ...others } = options;\n	if (timeZoneName !== void 0 && options.hour === void 0 && options.minute === void 0 && options.second === void 0) {\n		const format = BestFitFormatMatcher(others, formats.filter((format) => format.timeZoneName === void 0));\n		format.timeZoneName = timeZoneName;\n		format.pattern += \", {timeZoneName}\";\n		if (format.pattern12 !== void 0) format.pattern12 += \", {timeZoneName}\";\n		format.rangePatterns = format.rangePatterns12 = void 0;\n		return format;\n	}\n	let bestScore = -Infinity;\n	let bestFormat = formats[0];\n	invariant(Array.isArray(formats), \"formats should be a list of things\");\n	for (const format of formats) {\n		const score = bestFitFormatMatcherScore(options, format);"],
  ],
  // The nearest locale is found by leaving parts of the tag away, as V8 does it; the distances of all languages from each
  // other take a hundred times as long.
  "intl-localematcher": [
    ["else r = BestFitMatcher(Array.from(availableLocales), requestedLocales, getDefaultLocale);", "else r = nearest(availableLocales, requestedLocales, getDefaultLocale);"],
    ["function ResolveLocale(", NEAREST],
  ],
  "intl-numberformat": [
    ["currency cannot be undefined", "Currency code is required with currency style."],
  ],
};
