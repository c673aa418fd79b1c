//! Facets of an object in the store: what is whose, and what goes with what, also when the process ends in between.

mod support;

use cellhouse_cell::Checked;
use cellhouse_objects::{Address, ErrorKind, FacetPath, MAX_FACET_NAME, Storage};
use support::Home;

fn path(names: &[&str]) -> FacetPath {
    let child = |path: FacetPath, name: &&str| path.child(name).unwrap();
    names.iter().fold(FacetPath::default(), child)
}

fn root(home: &Home) -> Address {
    home.namespace.address(&home.namespace.id_from_name("a"))
}

fn facet(home: &Home, names: &[&str]) -> Storage {
    home.objects.facet(&root(home), &path(names)).unwrap()
}

fn write(home: &Home, names: &[&str], value: &str) {
    let mut storage = match names {
        [] => home.storage("a"),
        names => facet(home, names),
    };
    storage.put("k", value.as_bytes()).unwrap();
    storage.flush().unwrap();
}

fn read(home: &Home, names: &[&str]) -> Option<String> {
    let mut storage = match names {
        [] => home.storage("a"),
        names => facet(home, names),
    };
    let value = storage.get("k").unwrap();
    value.map(|value| String::from_utf8(value).unwrap())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Cells in the store, with content.
fn cells(home: &Home) -> usize {
    let shard = home.cells.shard().unwrap();
    shard.cells(None, usize::MAX).unwrap().len()
}

const ALL: [&[&str]; 5] = [&[], &["x"], &["y"], &["x", "y"], &["x", "y", "z"]];

fn fill(home: &Home) {
    for names in ALL {
        write(home, names, &format!("of {names:?}"));
    }
}

#[test]
fn each_has_a_storage_of_its_own_that_stays() {
    let home = Home::new();
    fill(&home);
    let home = home.reopen();
    for names in ALL {
        assert_eq!(read(&home, names), some(&format!("of {names:?}")));
    }
    assert_eq!(read(&home, &["z"]), None);
    assert_eq!(home.index("facets"), 4, "reading makes none");
}

#[test]
fn names_that_meet_are_of_different_facets() {
    let home = Home::new();
    for names in [&["a", "b"][..], &["ab"], &["a\0b"], &["a/b"], &["\0\u{1}a"]] {
        assert_eq!(read(&home, names), None);
        write(&home, names, "it");
    }
    assert_eq!(home.index("facets"), 5);
    assert_eq!(read(&home, &["a"]), None);
}

#[test]
fn one_is_deleted_with_its_own() {
    let home = Home::new();
    fill(&home);
    let before = cells(&home);
    let ticket = home.objects.delete_facet(&root(&home), &path(&["x"]));
    assert!(ticket.unwrap().is_some());
    assert_eq!(read(&home, &[]), some("of []"));
    assert_eq!(read(&home, &["y"]), some("of [\"y\"]"));
    for names in [&["x"][..], &["x", "y"], &["x", "y", "z"]] {
        assert_eq!(read(&home, names), None);
    }
    assert_eq!(cells(&home), before - 3);
    assert_eq!((home.index("facets"), home.index("facetgarbage")), (1, 0));
    let again = home.objects.delete_facet(&root(&home), &path(&["x"]));
    assert!(again.unwrap().is_none());
    write(&home, &["x"], "anew");
    assert_eq!(read(&home, &["x"]), some("anew"));
}

#[test]
fn delete_all_takes_the_facets_below_with_it_and_no_others() {
    let home = Home::new();
    fill(&home);
    let mut storage = facet(&home, &["x"]);
    storage.delete_all().unwrap();
    assert_eq!(
        read(&home, &["x", "y"]),
        some("of [\"x\", \"y\"]"),
        "not before the flush"
    );
    storage.flush().unwrap();
    storage.put("k", b"after").unwrap();
    storage.flush().unwrap();
    drop(storage);
    let home = home.reopen();
    assert_eq!(read(&home, &["x"]), some("after"));
    assert_eq!(read(&home, &["x", "y"]), None);
    assert_eq!(read(&home, &["y"]), some("of [\"y\"]"));
    let mut storage = home.storage("a");
    storage.delete_all().unwrap();
    storage.flush().unwrap();
    assert_eq!(home.index("facets"), 0);
    assert_eq!(home.index("objects"), 0);
    for names in ALL {
        assert_eq!(read(&home, names), None);
    }
}

#[test]
fn an_object_that_has_only_facets_is_known_and_goes() {
    let home = Home::new();
    write(&home, &["x"], "it");
    let id = home.namespace.id_from_name("a");
    let found = home.objects.find(&home.namespace, &id).unwrap();
    assert_eq!(found.map(|found| found.id), Some(id.clone()));
    let (existed, _) = home.objects.delete(&home.namespace, &id).unwrap();
    assert!(existed);
    assert_eq!((home.index("facets"), home.index("objects")), (0, 0));
    assert_eq!(read(&home, &["x"]), None);
    write(&home, &["x"], "again");
    write(&home, &[], "named");
    assert_eq!(home.objects.delete_namespace(&home.namespace).unwrap(), 1);
    assert_eq!((home.index("facets"), home.index("objects")), (0, 0));
    assert_eq!(home.index("objectnames"), 0);
    assert_eq!(cells(&home), 0);
}

#[test]
fn a_clone_takes_the_place_of_another_one() {
    let home = Home::new();
    fill(&home);
    write(&home, &["y", "old"], "goes");
    let clone = |from: &[&str], to: &[&str]| {
        let done = home
            .objects
            .clone_facet(&root(&home), &path(from), &path(to));
        done.unwrap();
    };
    clone(&["x"], &["y"]);
    write(&home, &["x"], "changed");
    assert_eq!(read(&home, &["y"]), some("of [\"x\"]"));
    assert_eq!(
        read(&home, &["y", "y", "z"]),
        some("of [\"x\", \"y\", \"z\"]")
    );
    assert_eq!(read(&home, &["y", "old"]), None);
    clone(&["x"], &["x"]);
    assert_eq!(read(&home, &["x"]), some("changed"));
    clone(&["nobody"], &["x"]);
    assert_eq!(read(&home, &["x"]), None);
    assert_eq!(home.index("facetgarbage"), 0);
    assert_eq!(cells(&home), 1 + home.index("facets"));
    let home = home.reopen();
    assert_eq!(read(&home, &["y", "y"]), some("of [\"x\", \"y\"]"));
    write(&home, &["y", "y"], "goes on");
    assert_eq!(read(&home, &["y", "y"]), some("goes on"));
}

#[test]
fn a_large_one_is_cloned_whole() {
    let home = Home::new();
    let mut storage = facet(&home, &["x"]);
    for number in 0..100_u32 {
        storage
            .put(&format!("{number}"), &vec![7; 100_000])
            .unwrap();
    }
    storage.flush().unwrap();
    drop(storage);
    let cloned = home
        .objects
        .clone_facet(&root(&home), &path(&["x"]), &path(&["y"]));
    cloned.unwrap().unwrap().wait().unwrap();
    let home = home.reopen();
    let mut storage = facet(&home, &["y"]);
    for number in 0..100_u32 {
        assert_eq!(
            storage.get(&format!("{number}")).unwrap(),
            Some(vec![7; 100_000])
        );
    }
    let no_problem = |cell: &Checked, _| assert_eq!(cell.problems, [""; 0], "{}", cell.name);
    home.cells.check(no_problem).unwrap();
}

#[test]
fn what_a_crash_left_is_removed() {
    let home = Home::new();
    write(&home, &["x"], "it");
    let shard = home.cells.shard().unwrap();
    // As after a deletion of which nothing but its first commit is there.
    let (key, number) = shard.extras("facets", b"", 1).unwrap().remove(0);
    let all = shard.cells(None, usize::MAX).unwrap();
    let name = all.first().expect("a cell").1.name.clone();
    let address = name.strip_prefix("object/").expect("an object's");
    let address = Address::from_text(address).expect("an address");
    assert!(address.to_string().ends_with(&hex(&number)));
    let bytes: Vec<u8> = (0..96)
        .step_by(2)
        .map(|at| {
            let digits = address.to_string().replace('-', "");
            u8::from_str_radix(&digits[at..at + 2], 16).unwrap()
        })
        .collect();
    let change = |keyspace, key: Vec<u8>, value: Option<&'static [u8]>| cellhouse_cell::Extra {
        keyspace,
        key: key.into(),
        value: value.map(Into::into),
    };
    let changes = vec![
        change("facets", key.to_vec(), None),
        change("facetgarbage", bytes, Some(b"")),
    ];
    shard.change(changes).unwrap().wait().unwrap();
    drop(shard);
    let home = home.reopen();
    assert_eq!(cells(&home), 1);
    home.objects.remove_garbage().unwrap();
    assert_eq!((cells(&home), home.index("facetgarbage")), (0, 0));
    assert_eq!(read(&home, &["x"]), None);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_is_refused() {
    let object = FacetPath::default();
    let refused = |name: &str| {
        let error = object.child(name).unwrap_err();
        (error.kind(), error.to_string())
    };
    let long = "Facet name is too long (max 256 characters).".to_owned();
    assert_eq!(refused(&"x".repeat(257)), (ErrorKind::Type, long.clone()));
    assert_eq!(refused(&"é".repeat(129)), (ErrorKind::Type, long));
    assert_eq!(refused("").1, "Facet name cannot be empty.");
    let longest = "x".repeat(MAX_FACET_NAME);
    let deepest = path(&[&longest, &longest, &longest]);
    assert_eq!(
        deepest.child("x").unwrap_err().to_string(),
        "Facet nesting depth limit exceeded. The maximum depth including the root Durable Object is 4."
    );
    let home = Home::new();
    let mut storage = home.objects.facet(&root(&home), &deepest).unwrap();
    storage.put("k", b"fits").unwrap();
    storage.flush().unwrap().unwrap().wait().unwrap();
    let error = storage.set_alarm(4e12).unwrap_err();
    assert_eq!(error.to_string(), "Facets currently cannot set alarms.");
    assert_eq!(storage.alarm().unwrap(), None);
}

#[test]
fn one_goes_back_to_a_bookmark_alone() {
    let home = Home::new();
    fill(&home);
    let mut storage = facet(&home, &["x"]);
    let bookmark = storage.current_bookmark().unwrap();
    storage.put("k", b"later").unwrap();
    storage.restore_on_next_start(&bookmark).unwrap();
    drop(storage);
    write(&home, &["x", "y"], "later too");
    let home = home.reopen();
    let mut storage = facet(&home, &["x"]);
    assert!(storage.restore_if_asked().unwrap());
    drop(storage);
    assert_eq!(read(&home, &["x"]), some("of [\"x\"]"));
    assert_eq!(read(&home, &["x", "y"]), some("later too"));
    assert_eq!(home.index("facets"), 4);
}
