//! Objects: what is put is what is got, whatever its size, and what cannot be put changes nothing.

mod support;

use cellhouse_r2::{
    Algorithm, Checksum, Conditions, ErrorKind, EtagCondition, INLINE_BYTES, Metadata, PutOptions,
};
use support::{Place, START, get, open, pattern, put, put_with, read, run};

#[test]
fn bodies_of_all_sizes_come_back() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        for size in [
            0,
            1,
            INLINE_BYTES,
            INLINE_BYTES + 1,
            (1 << 20) - 1,
            1 << 20,
            (3 << 20) + 7,
        ] {
            let bytes = pattern(size);
            let object = put(&bucket, "a", &bytes).await;
            assert_eq!(object.size, size as u64);
            assert_eq!(object.uploaded, START as i64);
            assert_eq!(get(&bucket, "a").await.unwrap(), bytes, "{size} bytes");
        }
    });
}

#[test]
fn an_object_survives_a_restart() {
    let place = Place::new();
    let (small, large) = (pattern(10), pattern(200_000));
    run(async {
        put(&place.bucket(), "small", &small).await;
        put(&place.bucket(), "large", &large).await;
    });
    let place = place.reopen();
    run(async {
        place.r2.sweep().await.unwrap();
        assert_eq!(get(&place.bucket(), "small").await.unwrap(), small);
        assert_eq!(get(&place.bucket(), "large").await.unwrap(), large);
    });
}

#[test]
fn a_replaced_body_goes_when_nobody_reads_it() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let old = pattern(2_000_000);
        put(&bucket, "a", &old).await;
        let reader = open(&bucket, "a", None).unwrap();
        put(&bucket, "a", &pattern(1_000_000)).await;
        place.r2.tidy().await;
        assert_eq!(place.files().len(), 2);
        assert_eq!(read(reader).await, old);
        place.r2.tidy().await;
        assert_eq!(place.files().len(), 1);
        bucket.delete(&["a", "not there"]).unwrap().wait().unwrap();
        place.r2.tidy().await;
        assert_eq!(place.files().len(), 0);
        assert_eq!(get(&bucket, "a").await, None);
    });
}

#[test]
fn a_wrong_checksum_stores_nothing() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        for size in [5, 100_000] {
            for (algorithm, length) in [
                (Algorithm::Md5, 16),
                (Algorithm::Sha256, 32),
                (Algorithm::Sha512, 64),
            ] {
                let options = PutOptions {
                    checksum: Some(Checksum {
                        algorithm,
                        bytes: vec![7; length],
                    }),
                    ..PutOptions::default()
                };
                let error = put_with(&bucket, "a", &pattern(size), &options)
                    .await
                    .unwrap_err();
                assert_eq!(error.kind(), ErrorKind::BadDigest);
                assert!(
                    error
                        .message()
                        .contains(&format!("You provided a {}", algorithm.name())),
                    "{error}"
                );
            }
        }
        place.r2.tidy().await;
        assert!(place.files().is_empty());
        assert_eq!(get(&bucket, "a").await, None);
    });
}

#[test]
fn a_right_checksum_is_kept() {
    let place = Place::new();
    let bucket = place.bucket();
    let digits = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let bytes = (0..32).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap());
    let options = PutOptions {
        checksum: Some(Checksum {
            algorithm: Algorithm::Sha256,
            bytes: bytes.collect(),
        }),
        ..PutOptions::default()
    };
    let object = run(put_with(&bucket, "a", b"hello", &options))
        .unwrap()
        .unwrap();
    assert_eq!(object.etag, "5d41402abc4b2a76b9719d911017c592");
    let (head, _) = bucket.head("a").unwrap();
    assert_eq!(head.unwrap().metadata.checksums["sha256"], digits);
}

#[test]
fn a_put_whose_condition_does_not_hold_changes_nothing() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let first = put(&bucket, "a", b"v1").await;
        let only_if = |etag: &str| PutOptions {
            only_if: Some(Conditions {
                etag_matches: Some(vec![EtagCondition::Strong(etag.to_owned())]),
                ..Conditions::default()
            }),
            ..PutOptions::default()
        };
        for size in [2, 50_000] {
            assert_eq!(
                put_with(&bucket, "a", &pattern(size), &only_if("no"))
                    .await
                    .unwrap(),
                None
            );
        }
        place.r2.tidy().await;
        assert!(place.files().is_empty());
        assert_eq!(get(&bucket, "a").await.unwrap(), b"v1");
        assert!(
            put_with(&bucket, "a", b"v2", &only_if(&first.etag))
                .await
                .unwrap()
                .is_some()
        );
        assert_eq!(get(&bucket, "a").await.unwrap(), b"v2");
    });
}

#[test]
fn limits() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let long = "k".repeat(1025);
        let error = put_with(&bucket, &long, b"x", &PutOptions::default())
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "The specified object name is not valid. (10020)"
        );
        put(&bucket, &long[1..], b"x").await;
        let metadata = |bytes: usize| PutOptions {
            metadata: Metadata {
                custom: vec![("n".to_owned(), "v".repeat(bytes - 1))],
                ..Metadata::default()
            },
            ..PutOptions::default()
        };
        assert!(put_with(&bucket, "a", b"x", &metadata(8192)).await.is_ok());
        let error = put_with(&bucket, "a", b"x", &metadata(8193))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MetadataTooLarge);
        let keys = vec!["k"; 1001];
        assert_eq!(
            bucket.delete(&keys).unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        bucket.delete(&keys[1..]).unwrap();
    });
}

#[test]
fn buckets_are_made_once_and_removed_when_empty() {
    let place = Place::new();
    assert_eq!(
        place.r2.existing("things").err().unwrap().kind(),
        ErrorKind::NoSuchBucket
    );
    run(async {
        put(&place.bucket(), "a", b"x").await;
        assert_eq!(
            place.r2.delete_bucket("things").unwrap_err().kind(),
            ErrorKind::BucketNotEmpty
        );
        assert_eq!(place.r2.buckets().unwrap().len(), 1);
        assert_eq!(place.bucket().usage().unwrap(), (1, 1));
        place.bucket().delete(&["a"]).unwrap();
        place.r2.delete_bucket("things").unwrap();
        assert!(place.r2.buckets().unwrap().is_empty());
        assert_eq!(get(&place.bucket(), "a").await, None);
    });
    for name in ["ab", "-abc", "abc-", "Abc", "a_c", &"a".repeat(64)] {
        assert_eq!(
            place.r2.bucket(name).err().unwrap().kind(),
            ErrorKind::InvalidBucketName,
            "{name}"
        );
    }
}

#[test]
fn access_keys() {
    use cellhouse_r2::Access;
    let place = Place::new();
    let access = Access {
        bucket: Some("things".to_owned()),
        writes: false,
    };
    let made = place.r2.create_key("laptop", access.clone()).unwrap();
    assert_eq!((made.key.id.len(), made.secret.len()), (32, 64));
    let (found, secret) = place.r2.key(&made.key.id).unwrap().unwrap();
    assert_eq!((&found.access, secret), (&access, made.secret));
    assert_eq!(place.r2.keys().unwrap(), [found]);
    assert!(place.r2.delete_key(&made.key.id).unwrap());
    assert!(!place.r2.delete_key(&made.key.id).unwrap());
    assert!(place.r2.key(&made.key.id).unwrap().is_none());
}
