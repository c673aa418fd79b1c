//! What `Intl` asks of Rust: the texts of locales (`packages/intl/generated/locales.bin`), language tags,
//! comparison of texts, and where characters, words and sentences end. The classes are JavaScript.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::OnceLock;

use deno_core::{GarbageCollected, op2, v8};
use deno_error::JsErrorBox;
use icu_collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu_collator::preferences::{CollationCaseFirst, CollationNumericOrdering};
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use icu_locale::{Locale, LocaleCanonicalizer};
use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};
use serde::Deserialize;

static LOCALES: &[u8] = include_bytes!("../../../../packages/intl/generated/locales.bin");

/// The head of `locales.bin`, see `packages/intl/generate.mjs`.
#[derive(Deserialize)]
struct Index {
    /// Where each blob ends, counted from the first's beginning.
    blobs: Vec<usize>,
    /// By class and tag: whose texts they are, the blob they are in, and that of what differs (-1: nothing).
    kinds: HashMap<String, HashMap<String, (String, usize, isize)>>,
}

/// The index, and the blobs behind it.
fn locales() -> &'static (Index, &'static [u8]) {
    static LOCALES_READ: OnceLock<(Index, &'static [u8])> = OnceLock::new();
    LOCALES_READ.get_or_init(|| {
        let (length, rest) = LOCALES.split_at(4);
        let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
        let (index, blobs) = rest.split_at(length as usize);
        let index = serde_json::from_slice(index).expect("the index is what the generator wrote");
        (index, blobs)
    })
}

fn blob(number: usize) -> String {
    let (index, blobs) = locales();
    let start = number
        .checked_sub(1)
        .map_or(0, |before| index.blobs[before]);
    let mut text = Vec::new();
    brotli::BrotliDecompress(&mut &blobs[start..index.blobs[number]], &mut text)
        .expect("a blob is what the generator wrote");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// The tags that a class has texts for, and whose texts they are.
#[op2]
#[serde]
pub(crate) fn op_intl_tags(#[string] kind: &str) -> Vec<(&'static str, &'static str)> {
    let tags = locales().0.kinds.get(kind).into_iter().flatten();
    tags.map(|(tag, (locale, ..))| (tag.as_str(), locale.as_str()))
        .collect()
}

/// The texts for a tag as JSON, and what is laid over them, empty if nothing.
#[op2]
#[serde]
pub(crate) fn op_intl_texts(#[string] kind: &str, #[string] tag: &str) -> Option<(String, String)> {
    let (_, base, patch) = locales().0.kinds.get(kind)?.get(tag)?;
    let patch = usize::try_from(*patch).map(blob).unwrap_or_default();
    Some((blob(*base), patch))
}

/// A language tag as it is written; empty if it is none.
#[op2]
#[string]
pub(crate) fn op_intl_canonical(#[string] tag: &str) -> String {
    // Underscores are no part of a tag, and read all the same.
    let locale = (!tag.contains('_')).then(|| tag.parse::<Locale>().ok());
    let Some(mut locale) = locale.flatten() else {
        return String::new();
    };
    LocaleCanonicalizer::new_common().canonicalize(&mut locale);
    locale.to_string()
}

/// Of `Intl.Collator`, as JavaScript has read them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    locale: String,
    sensitivity: String,
    case_first: Option<String>,
    numeric: Option<bool>,
    ignore_punctuation: bool,
}

/// How texts are compared in one language. Owned by its JavaScript object.
pub(crate) struct Comparer(CollatorBorrowed<'static>);

// SAFETY: it refers to no JavaScript value.
unsafe impl GarbageCollected for Comparer {
    fn trace(&self, _visitor: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static std::ffi::CStr {
        c"Comparer"
    }
}

#[op2]
#[cppgc]
pub(crate) fn op_intl_collator(#[serde] given: Options) -> Result<Comparer, JsErrorBox> {
    let locale: Locale = given.locale.parse().unwrap_or(Locale::UNKNOWN);
    let mut preferences = CollatorPreferences::from(&locale);
    match given.case_first.as_deref() {
        Some("upper") => preferences.case_first = Some(CollationCaseFirst::Upper),
        Some("lower") => preferences.case_first = Some(CollationCaseFirst::Lower),
        Some(_) => preferences.case_first = Some(CollationCaseFirst::False),
        None => {}
    }
    if let Some(numeric) = given.numeric {
        preferences.numeric_ordering = Some(if numeric {
            CollationNumericOrdering::True
        } else {
            CollationNumericOrdering::False
        });
    }
    let mut options = CollatorOptions::default();
    options.strength = Some(match given.sensitivity.as_str() {
        "base" | "case" => Strength::Primary,
        "accent" => Strength::Secondary,
        _ => Strength::Tertiary,
    });
    if given.sensitivity == "case" {
        options.case_level = Some(CaseLevel::On);
    }
    if given.ignore_punctuation {
        options.alternate_handling = Some(AlternateHandling::Shifted);
    }
    let collator = Collator::try_new(preferences, options);
    collator
        .map(Comparer)
        .map_err(|error| JsErrorBox::range_error(error.to_string()))
}

#[op2(fast)]
pub(crate) fn op_intl_compare(
    #[cppgc] comparer: &Comparer,
    #[string] left: &str,
    #[string] right: &str,
) -> i32 {
    match comparer.0.compare(left, right) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// Where segments end, in units of UTF-16; of words twice the end, and one more if it is like a word.
#[op2]
#[serde]
pub(crate) fn op_intl_segments(#[string] text: &str, #[string] granularity: &str) -> Vec<usize> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let ends = match granularity {
        "word" => return words(&units),
        "sentence" => SentenceSegmenter::new(SentenceBreakInvariantOptions::default())
            .segment_utf16(&units)
            .collect(),
        _ => GraphemeClusterSegmenter::new()
            .segment_utf16(&units)
            .collect::<Vec<_>>(),
    };
    ends.into_iter().filter(|end| *end > 0).collect()
}

fn words(units: &[u16]) -> Vec<usize> {
    WordSegmenter::new_dictionary(WordBreakInvariantOptions::default())
        .segment_utf16(units)
        .iter_with_word_type()
        .filter(|(end, _)| *end > 0)
        .map(|(end, kind)| end * 2 + usize::from(kind.is_word_like()))
        .collect()
}
