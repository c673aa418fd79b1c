//! Multipart uploads, and what is swept of them.

mod support;

use bytes::Bytes;
use cellhouse_r2::{Bucket, ErrorKind, GetOptions, Got, Metadata, UPLOAD_LIFETIME, UploadsOptions};
use support::{Place, START, get, pattern, put, receive, run};

const PART: usize = 5 << 20;

async fn part(bucket: &Bucket, id: &str, number: u32, bytes: &[u8]) -> (u32, String) {
    let received = receive(bucket, bytes, &Default::default()).await;
    let (part, ticket) = bucket.put_part("m", id, number, received).unwrap();
    ticket.wait().unwrap();
    (number, part.etag)
}

fn create(bucket: &Bucket) -> String {
    bucket.create_upload("m", &Metadata::default()).unwrap().0
}

#[test]
fn parts_become_an_object_without_being_copied() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let id = create(&bucket);
        let bytes = pattern(PART + 10);
        let late = part(&bucket, &id, 7, &bytes[PART..]).await;
        let early = part(&bucket, &id, 3, &bytes[..PART]).await;
        part(&bucket, &id, 9, b"not wanted").await;
        let mut files = place.files();
        assert_eq!(files.len(), 1, "only the large part is a file");
        assert_eq!(get(&bucket, "m").await, None, "nothing is visible yet");
        let (object, _) = bucket.complete("m", &id, &[early, late]).unwrap();
        assert_eq!(object.size, bytes.len() as u64);
        assert!(object.etag.ends_with("-2"), "{}", object.etag);
        place.r2.tidy().await;
        assert_eq!(get(&bucket, "m").await.unwrap(), bytes);
        assert_eq!(std::mem::take(&mut files), place.files());
        put(&bucket, "m", b"other").await;
        place.r2.tidy().await;
        assert!(place.files().is_empty());
    });
}

#[test]
fn parts_that_make_no_object() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let id = create(&bucket);
        let large = part(&bucket, &id, 1, &pattern(PART)).await;
        let larger = part(&bucket, &id, 2, &pattern(PART + 10)).await;
        let small = part(&bucket, &id, 3, b"end").await;
        let refused = |parts: &[&(u32, String)]| {
            let parts: Vec<_> = parts.iter().map(|part| (*part).clone()).collect();
            bucket.complete("m", &id, &parts).unwrap_err().kind()
        };
        assert_eq!(refused(&[&small, &large]), ErrorKind::EntityTooSmall);
        assert_eq!(refused(&[&large, &larger, &small]), ErrorKind::BadUpload);
        assert_eq!(refused(&[&large, &larger]), ErrorKind::BadUpload);
        assert_eq!(refused(&[&(4, small.1.clone())]), ErrorKind::InvalidPart);
        assert_eq!(refused(&[&(1, small.1.clone())]), ErrorKind::InvalidPart);
        assert_eq!(refused(&[&large, &large]), ErrorKind::Internal);
        assert_eq!(refused(&[]), ErrorKind::InvalidPart);
        assert_eq!(get(&bucket, "m").await, None);
        bucket.complete("m", &id, &[large, small]).unwrap();
    });
}

#[test]
fn an_upload_that_has_ended() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let id = create(&bucket);
        let one = part(&bucket, &id, 1, &pattern(100_000)).await;
        bucket.abort("m", &id).unwrap().wait().unwrap();
        bucket.abort("m", &id).unwrap();
        let kind = |error: cellhouse_r2::Error| error.kind();
        assert_eq!(
            bucket
                .complete("m", &id, std::slice::from_ref(&one))
                .map_err(kind)
                .err(),
            Some(ErrorKind::NoSuchUpload)
        );
        let received = receive(&bucket, b"x", &Default::default()).await;
        assert_eq!(
            bucket.put_part("m", &id, 2, received).map_err(kind).err(),
            Some(ErrorKind::NoSuchUpload)
        );
        place.r2.tidy().await;
        assert!(place.files().is_empty());
        for unknown in ["", "nope"] {
            assert_eq!(
                bucket.abort("m", unknown).map_err(kind).err(),
                Some(ErrorKind::NoSuchUpload)
            );
            assert_eq!(
                bucket
                    .complete("m", unknown, std::slice::from_ref(&one))
                    .map_err(kind)
                    .err(),
                Some(ErrorKind::NoSuchUpload)
            );
        }
        let other = create(&bucket);
        assert_eq!(
            bucket.abort("another key", &other).map_err(kind).err(),
            Some(ErrorKind::NoSuchUpload)
        );
    });
}

#[test]
fn lists_of_parts_and_uploads() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let ids = [create(&bucket), create(&bucket), create(&bucket)];
        let (other, _) = bucket.create_upload("n", &Metadata::default()).unwrap();
        for number in [5, 1, 3] {
            part(&bucket, &ids[0], number, b"x").await;
        }
        let (page, _) = bucket.parts("m", &ids[0], 1, 1).unwrap();
        assert_eq!((page.parts[0].number, page.truncated), (3, true));
        let (page, _) = bucket.parts("m", &ids[0], 3, 1).unwrap();
        assert_eq!((page.parts[0].number, page.truncated), (5, false));
        let mut sorted = ids.to_vec();
        sorted.sort();
        sorted.push(other);
        assert_eq!(
            pages(&bucket, UploadsOptions::default(), 2),
            (sorted, vec![])
        );
        let of_n = UploadsOptions {
            prefix: "n",
            ..UploadsOptions::default()
        };
        assert_eq!(pages(&bucket, of_n, 9).0.len(), 1);
    });
}

/// The ids and the prefixes of all pages of uploads.
fn pages(bucket: &Bucket, options: UploadsOptions<'_>, limit: usize) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut prefixes) = (Vec::new(), Vec::new());
    let mut after: Option<(String, String)> = None;
    loop {
        let after_this = after.as_ref().map(|(key, id)| (key.as_str(), id.as_str()));
        let options = UploadsOptions {
            after: after_this,
            limit,
            ..options
        };
        let (page, _) = bucket.uploads(&options).unwrap();
        assert!((1..=limit).contains(&(page.uploads.len() + page.prefixes.len())));
        ids.extend(page.uploads.into_iter().map(|upload| upload.id));
        prefixes.extend(page.prefixes);
        after = page.next;
        if after.is_none() {
            return (ids, prefixes);
        }
    }
}

#[test]
fn uploads_are_grouped_by_a_delimiter() {
    let place = Place::new();
    let bucket = place.bucket();
    let create = |key: &str| bucket.create_upload(key, &Metadata::default()).unwrap().0;
    let ids: Vec<String> = ["p/a", "p/b", "p/z"].into_iter().map(create).collect();
    for n in 0..70 {
        create(&format!("p/dir/{n}"));
    }
    create("p/other/1");
    create("q");
    for limit in [1, 2, 3, 100] {
        let options = UploadsOptions {
            prefix: "p/",
            delimiter: Some("/"),
            ..UploadsOptions::default()
        };
        let (found, prefixes) = pages(&bucket, options, limit);
        assert_eq!(found, ids, "{limit}");
        assert_eq!(prefixes, ["p/dir/", "p/other/"], "{limit}");
    }
}

#[test]
fn single_parts_of_an_object() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let id = create(&bucket);
        let sizes = [5 << 20, 5 << 20, 3];
        let mut named = Vec::new();
        for (number, size) in (1..).zip(sizes) {
            let bytes = vec![number as u8; size];
            named.push(part(&bucket, &id, number, &bytes).await);
        }
        let (object, _) = bucket.complete("m", &id, &named).unwrap();
        assert_eq!(object.parts(), 3);
        put(&bucket, "single", b"whole").await;
        let get = |key: &str, part| {
            let options = GetOptions {
                part: Some(part),
                ..GetOptions::default()
            };
            match bucket.get(key, &options) {
                Ok((Got::Found(_, range, _), _)) => Ok((range.offset, range.length)),
                Ok(_) => panic!("it is there"),
                Err(error) => Err(error.kind()),
            }
        };
        let none = Err(ErrorKind::InvalidPartNumber);
        assert_eq!(get("m", 1), Ok((0, 5 << 20)));
        assert_eq!(get("m", 2), Ok((5 << 20, 5 << 20)));
        assert_eq!(get("m", 3), Ok((10 << 20, 3)));
        assert_eq!([get("m", 0), get("m", 4), get("m", u32::MAX)], [none; 3]);
        assert_eq!(get("single", 1), Ok((0, 5)));
        assert_eq!(get("single", 2), none);
    });
}

#[test]
fn old_uploads_are_swept() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let id = create(&bucket);
        part(&bucket, &id, 1, &pattern(100_000)).await;
        place.clock.set(START + UPLOAD_LIFETIME.as_millis() as u64);
        place.r2.sweep().await.unwrap();
        assert_eq!(place.files().len(), 1);
        place
            .clock
            .set(START + UPLOAD_LIFETIME.as_millis() as u64 + 1);
        place.r2.sweep().await.unwrap();
        place.cells.shard().unwrap().ticket().wait().unwrap();
        place.r2.tidy().await;
        assert!(place.files().is_empty());
        assert_eq!(
            bucket.upload("m", &id).unwrap_err().kind(),
            ErrorKind::NoSuchUpload
        );
    });
}

#[test]
fn what_dead_uploads_leave_is_swept_and_nothing_else() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        put(&bucket, "kept", &pattern(50_000)).await;
        let id = create(&bucket);
        part(&bucket, &id, 1, &pattern(50_000)).await;
        let kept = place.files();
        // A body without a row, and a draft of one: as a process leaves them that is killed.
        let folder = kept[0].parent().unwrap();
        std::fs::write(folder.join("0123456789abcdef0123456789abcdef"), b"orphan").unwrap();
        std::fs::write(folder.join("0123456789abcdef0123456789abcdee#1"), b"draft").unwrap();
        // An upload under way, which is neither.
        let mut incoming = bucket.receive(None);
        incoming.write(Bytes::from(pattern(2 << 20))).await.unwrap();
        assert_eq!(bucket.sweep().await.unwrap(), 1);
        let received = incoming.finish().await.unwrap();
        bucket.put("late", received, &Default::default()).unwrap();
        assert_eq!(get(&bucket, "late").await.unwrap(), pattern(2 << 20));
        bucket.delete(&["late"]).unwrap().wait().unwrap();
        place.r2.tidy().await;
        let (mut left, mut kept) = (place.files(), kept);
        left.sort();
        kept.sort();
        assert_eq!(left, kept);
    });
}

#[test]
fn a_body_that_is_given_up_leaves_nothing() {
    let place = Place::new();
    let bucket = place.bucket();
    run(async {
        let mut incoming = bucket.receive(None);
        incoming.write(Bytes::from(pattern(3 << 20))).await.unwrap();
        drop(incoming);
        drop(receive(&bucket, &pattern(100_000), &Default::default()).await);
        place.r2.tidy().await;
        bucket.sweep().await.unwrap();
        assert!(place.files().is_empty(), "{:?}", place.files());
    });
}
