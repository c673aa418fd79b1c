//! `examples/wrangler-r2` and `examples/r2-images`.

use serde_json::json;

use super::run;
use crate::support::full;

#[tokio::test]
async fn the_documents_bucket() {
    let (_project, app) = run("wrangler-r2").await;
    assert_eq!(
        app.get("/image.png").await.expect(404).text(),
        "Object Not Found"
    );
    let image = vec![7_u8; 200_000];
    let put = app.put("/image.png", image.clone()).await.expect(200);
    assert_eq!(put.text(), "Uploaded successfully!");
    assert!(app.get("/image.png").await.expect(200).body == image);
}

#[tokio::test]
async fn images_with_types_ranges_and_conditions() {
    let (_project, app) = run("r2-images").await;
    let client = app.client();
    let put = client.request("PUT", "/pets/cat.png");
    let put = put
        .header("content-type", "image/png")
        .header("x-user", "ann");
    let put = client
        .call(put.body(full("0123456789")).expect("a request"))
        .await
        .expect(201)
        .json();
    let etag = format!("\"{}\"", put["etag"].as_str().expect("an etag"));
    let got = app.get("/pets/cat.png").await.expect(200);
    assert_eq!(
        (got.text(), &got.headers["content-type"]),
        ("0123456789", &"image/png".parse().unwrap())
    );
    let range = client
        .request("GET", "/pets/cat.png")
        .header("range", "bytes=2-4");
    let part = client
        .call(range.body(full("")).expect("a request"))
        .await
        .expect(206);
    assert_eq!(
        (part.text(), &part.headers["content-range"]),
        ("234", &"bytes 2-4/10".parse().unwrap())
    );
    let unchanged = client
        .request("GET", "/pets/cat.png")
        .header("if-none-match", &etag);
    client
        .call(unchanged.body(full("")).expect("a request"))
        .await
        .expect(304);
    let taken = client
        .request("PUT", "/pets/cat.png")
        .header("if-none-match", "*");
    client
        .call(taken.body(full("other")).expect("a request"))
        .await
        .expect(412);
    let top = app.get("/").await.expect(200).json();
    assert_eq!(top["folders"], json!(["pets/"]));
    let listed = app.get("/?folder=pets/").await.expect(200).json();
    assert_eq!(
        listed["images"],
        json!([{ "key": "pets/cat.png", "size": 10, "uploader": "ann" }])
    );
    app.delete("/pets/cat.png").await.expect(204);
    app.get("/pets/cat.png").await.expect(404);
}
