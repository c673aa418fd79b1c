//! Durable Objects of the whole binary: what survives, what starts again, what is refused. One module per
//! subject; the examples have tests of their own.

mod alarms;
mod bad_input;
mod bookmarks;
mod durability;
mod facets;
mod gates;
mod leaving;
mod lifecycle;
mod migrations;
mod reload;
mod sockets;

use crate::support::Project;

/// An app whose requests all go to the object of class `Thing` that the first part of the path names.
fn project(class: &str) -> Project {
    Project::ploy("durable_objects:\n  THINGS: Thing\n", &app(class))
}

fn app(class: &str) -> String {
    format!(
        r#"
        {class}
        export default {{
            async fetch(request, env) {{
                const [, name] = new URL(request.url).pathname.split("/");
                try {{
                    return await env.THINGS.getByName(name).fetch(request);
                }} catch (error) {{
                    return Response.json({{ error: `${{error}}` }}, {{ status: 500 }});
                }}
            }},
        }};
        "#
    )
}
