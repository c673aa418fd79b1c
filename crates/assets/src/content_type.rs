//! The `Content-Type` of a file, by the ending of its name.

use http::HeaderValue;

/// Types that Cloudflare's tools have (those of the npm package `mime`, version 4) and the table of `mime_guess` has
/// not, or has otherwise.
const CLOUDFLARE: &[(&str, &str)] = &[
    ("3mf", "model/3mf"),
    ("aif", "audio/x-aiff"),
    ("aiff", "audio/x-aiff"),
    ("appinstaller", "application/appinstaller"),
    ("c", "text/x-c"),
    ("cab", "application/vnd.ms-cab-compressed"),
    ("cc", "text/x-c"),
    ("cjs", "application/node"),
    ("cpp", "text/x-c"),
    ("dds", "image/vnd.ms-dds"),
    ("dtd", "application/xml-dtd"),
    ("dxf", "image/vnd.dxf"),
    ("flac", "audio/x-flac"),
    ("h", "text/x-c"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ipynb", "application/x-ipynb+json"),
    ("java", "text/x-java-source"),
    ("jfif", "image/pjpeg"),
    ("jsx", "text/jsx"),
    ("jxr", "image/jxr"),
    ("jxs", "image/jxs"),
    ("ktx2", "image/ktx2"),
    ("lottie", "application/zip+dotlottie"),
    ("m2ts", "video/mp2t"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4b", "audio/mp4"),
    ("m4s", "video/iso.segment"),
    ("manifest", "text/cache-manifest"),
    ("map", "application/json"),
    ("mdx", "text/mdx"),
    ("mid", "audio/midi"),
    ("midi", "audio/midi"),
    ("mjs", "text/javascript"),
    ("msix", "application/msix"),
    ("mtl", "model/mtl"),
    ("mvt", "application/vnd.mapbox-vector-tile"),
    ("obj", "model/obj"),
    ("osm", "application/vnd.openstreetmap.data+xml"),
    ("otf", "font/otf"),
    ("owl", "application/rdf+xml"),
    ("psd", "image/vnd.adobe.photoshop"),
    ("rar", "application/vnd.rar"),
    ("rs", "application/rls-services+xml"),
    ("sql", "application/sql"),
    ("stl", "model/stl"),
    ("toml", "application/toml"),
    ("ts", "video/mp2t"),
    ("ttml", "application/ttml+xml"),
    ("usdz", "model/vnd.usdz+zip"),
    ("wgsl", "text/wgsl"),
    ("woff", "font/woff"),
    ("wrl", "model/vrml"),
    ("wsdl", "application/wsdl+xml"),
    ("xml", "application/xml"),
    ("xsd", "application/xml"),
    ("xsl", "application/xml"),
    ("xslt", "application/xslt+xml"),
    ("yaml", "text/yaml"),
    ("yml", "text/yaml"),
];

/// `None` for an ending that says nothing. Text is in UTF-8.
pub(crate) fn content_type(path: &str) -> Option<HeaderValue> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let own = CLOUDFLARE.iter().find(|(known, _)| *known == ending);
    let kind = match own {
        Some((_, kind)) => (*kind).to_owned(),
        None => mime_guess::from_ext(&ending).first_raw()?.to_owned(),
    };
    let kind = match kind.starts_with("text/") && !kind.contains("charset") {
        true => format!("{kind}; charset=utf-8"),
        false => kind,
    };
    HeaderValue::try_from(kind).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_cloudflare() {
        for (path, kind) in [
            ("/index.html", Some("text/html; charset=utf-8")),
            ("/a.b/x.JS", Some("text/javascript; charset=utf-8")),
            ("/x.mjs", Some("text/javascript; charset=utf-8")),
            ("/x.css", Some("text/css; charset=utf-8")),
            ("/x.json", Some("application/json")),
            ("/x.js.map", Some("application/json")),
            ("/x.svg", Some("image/svg+xml")),
            ("/x.png", Some("image/png")),
            ("/x.webp", Some("image/webp")),
            ("/x.avif", Some("image/avif")),
            ("/x.wasm", Some("application/wasm")),
            ("/x.woff2", Some("font/woff2")),
            ("/x.woff", Some("font/woff")),
            ("/x.txt", Some("text/plain; charset=utf-8")),
            ("/x.webmanifest", Some("application/manifest+json")),
            ("/favicon.ico", Some("image/vnd.microsoft.icon")),
            ("/x.xml", Some("application/xml")),
            ("/x.pdf", Some("application/pdf")),
            ("/LICENSE", None),
            ("/x.nobody-knows", None),
            ("/a.b/c", None),
        ] {
            let got = content_type(path);
            let got = got.as_ref().map(|kind| kind.to_str().expect("ASCII"));
            assert_eq!(got, kind, "{path}");
        }
    }
}
