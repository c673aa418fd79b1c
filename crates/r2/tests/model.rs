//! Property tests: listing against a `BTreeMap`, ranges against a slice.

mod support;

use std::collections::BTreeMap;

use cellhouse_r2::{Bucket, ListOptions, RangeRequest};
use proptest::prelude::*;
use support::{Place, open, pattern, put, read, receive, run};

// ---- listing

fn keys() -> impl Strategy<Value = Vec<String>> {
    let key = prop_oneof![
        4 => "[ab/]{1,6}",
        1 => "[a-b]{0,2}(--|/|ü|🎉)[a-b]{0,3}x",
    ];
    prop::collection::vec(key, 0..60)
}

#[derive(Debug, Clone)]
struct Asked {
    prefix: String,
    delimiter: Option<String>,
    start_after: Option<String>,
    limit: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    let delimiter = prop::option::of(prop_oneof![Just("/"), Just("--"), Just("a"), Just("")]);
    let fields = (
        "[ab/]{0,3}",
        delimiter,
        prop::option::of("[ab/]{0,4}"),
        1_usize..8,
    );
    fields.prop_map(|(prefix, delimiter, start_after, limit)| Asked {
        prefix,
        delimiter: delimiter.map(str::to_owned),
        start_after,
        limit,
    })
}

/// Every key or group once, in order: what all pages together must give.
fn expected(keys: &BTreeMap<String, ()>, asked: &Asked) -> Vec<(bool, String)> {
    let delimiter = asked
        .delimiter
        .as_deref()
        .filter(|delimiter| !delimiter.is_empty());
    let mut all: Vec<(bool, String)> = Vec::new();
    for key in keys.keys() {
        if !key.starts_with(&asked.prefix)
            || asked.start_after.as_ref().is_some_and(|after| key <= after)
        {
            continue;
        }
        let rest = &key[asked.prefix.len()..];
        let group = delimiter.and_then(|delimiter| Some((rest.find(delimiter)?, delimiter)));
        let entry = match group {
            None => (false, key.clone()),
            Some((at, delimiter)) => (
                true,
                key[..asked.prefix.len() + at + delimiter.len()].to_owned(),
            ),
        };
        if all.last() != Some(&entry) {
            all.push(entry);
        }
    }
    all
}

fn listed(bucket: &Bucket, asked: &Asked) -> Vec<(bool, String)> {
    let mut all = Vec::new();
    let mut cursor: Option<Vec<u8>> = None;
    loop {
        let options = ListOptions {
            prefix: &asked.prefix,
            limit: Some(asked.limit as i64),
            cursor: cursor.as_deref(),
            start_after: asked.start_after.as_deref(),
            delimiter: asked.delimiter.as_deref(),
        };
        let (page, _) = bucket.list(&options).unwrap();
        let mut entries: Vec<_> = page
            .objects
            .into_iter()
            .map(|object| (false, object.key))
            .collect();
        entries.extend(page.prefixes.into_iter().map(|prefix| (true, prefix)));
        assert!(entries.len() <= asked.limit);
        entries.sort_by(|a, b| a.1.cmp(&b.1));
        let full = entries.len() == asked.limit;
        all.extend(entries);
        cursor = page.cursor;
        match &cursor {
            None => return all,
            Some(_) => assert!(full, "a page that is not the last one is full"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pages_are_the_whole_list(names in keys(), questions in prop::collection::vec(asked(), 1..12)) {
        let place = Place::new();
        let bucket = place.bucket();
        let mut keys = BTreeMap::new();
        for name in &names {
            bucket.put_bytes(name, name.clone().into(), &Default::default()).unwrap();
            keys.insert(name.clone(), ());
        }
        for asked in &questions {
            prop_assert_eq!(listed(&bucket, asked), expected(&keys, asked), "{:?}", asked);
        }
    }
}

// ---- ranges

fn range() -> impl Strategy<Value = RangeRequest> {
    let number = || {
        prop_oneof![
            0_u64..40,
            16_300_u64..16_500,
            5_242_870_u64..5_242_890,
            0_u64..12_000_000
        ]
    };
    prop_oneof![
        (prop::option::of(number()), prop::option::of(number()))
            .prop_map(|(offset, length)| RangeRequest::Slice { offset, length }),
        number().prop_map(RangeRequest::Suffix),
        (number(), number()).prop_map(|(a, b)| RangeRequest::Header(format!("bytes={a}-{b}"))),
        number().prop_map(|a| RangeRequest::Header(format!("bytes={a}-"))),
        number().prop_map(|a| RangeRequest::Header(format!("bytes=-{a}"))),
    ]
}

/// The bytes that a range means, by hand.
fn slice<'a>(bytes: &'a [u8], range: &RangeRequest) -> Option<&'a [u8]> {
    let size = bytes.len() as u64;
    let part = |from: u64, to: u64| Some(&bytes[from as usize..to as usize]);
    match range {
        RangeRequest::Slice { offset, length } => {
            let from = offset.unwrap_or(0);
            let to = length.map_or(size, |length| (from + length).min(size));
            if from < to { part(from, to) } else { None }
        }
        RangeRequest::Suffix(0) => None,
        RangeRequest::Suffix(_) if size == 0 => None,
        RangeRequest::Suffix(suffix) => part(size - (*suffix).min(size), size),
        RangeRequest::Header(header) => {
            let (from, to) = header["bytes=".len()..].split_once('-').unwrap();
            match (from.parse::<u64>(), to.parse::<u64>()) {
                (Ok(from), Ok(to)) if from <= to && from < size => part(from, (to + 1).min(size)),
                (Ok(from), Err(_)) if from < size => part(from, size),
                (Err(_), Ok(suffix)) if suffix > 0 => part(size - suffix.min(size), size),
                _ => part(0, size),
            }
        }
    }
}

#[test]
fn ranges_are_slices() {
    let place = Place::new();
    let bucket = place.bucket();
    const PART: usize = 5 << 20;
    let whole = pattern(PART * 2 + 1_000);
    run(async {
        for size in [0, 20, 16_384, 300_000] {
            put(&bucket, &size.to_string(), &whole[..size]).await;
        }
        let (id, _) = bucket.create_upload("parts", &Default::default()).unwrap();
        let mut parts = Vec::new();
        for (number, bytes) in (1..).zip(whole.chunks(PART)) {
            let received = receive(&bucket, bytes, &Default::default()).await;
            let (part, _) = bucket.put_part("parts", &id, number, received).unwrap();
            parts.push((number, part.etag));
        }
        bucket.complete("parts", &id, &parts).unwrap();
    });
    let sizes = prop::sample::select(vec!["0", "20", "16384", "300000", "parts"]);
    proptest!(ProptestConfig::with_cases(400), |(key in sizes, range in range())| {
        let bytes = &whole[..key.parse().unwrap_or(whole.len())];
        let options = cellhouse_r2::GetOptions { range: Some(range.clone()), ..Default::default() };
        match slice(bytes, &range) {
            None => prop_assert!(bucket.get(key, &options).is_err()),
            Some(expected) => {
                let got = run(async { read(open(&bucket, key, Some(range.clone())).unwrap()).await });
                prop_assert!(got == expected, "{} bytes instead of {}", got.len(), expected.len());
            }
        }
    });
}
