//! What Slack refuses of blocks, as far as notifications use them (the reference of Block Kit).

use std::collections::HashSet;

use serde_json::Value;

use super::methods::Refused;

/// The limits of the reference; characters, or items.
const MAX_BLOCKS: usize = 50;
const MAX_SECTION: usize = 3_000;
const MAX_FIELDS: usize = 10;
const MAX_FIELD: usize = 2_000;
const MAX_HEADER: usize = 150;
const MAX_CONTEXT: usize = 10;
const MAX_ACTIONS: usize = 25;
const MAX_BUTTON: usize = 75;
const MAX_URL: usize = 3_000;
const MAX_ID: usize = 255;

/// All texts of all blocks together: Slack refuses more as `msg_blocks_too_long`.
const MAX_ALL: usize = 10_000;

type Checked = Result<(), String>;

pub(super) fn check(blocks: &Value) -> Result<(), Refused> {
    let blocks = match blocks {
        Value::Null => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => return Err("invalid_blocks_format".into()),
    };
    let invalid = |message: String| Refused {
        word: "invalid_blocks",
        messages: vec![message],
    };
    if blocks.len() > MAX_BLOCKS {
        return Err(invalid(format!(
            "no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]"
        )));
    }
    let mut ids = HashSet::new();
    for (at, block) in blocks.iter().enumerate() {
        let pointer = format!("/blocks/{at}");
        one(block, &pointer).map_err(invalid)?;
        if let Some(id) = block["block_id"].as_str() {
            at_most(id, MAX_ID, &format!("{pointer}/block_id")).map_err(invalid)?;
            if !ids.insert(id) {
                return Err(invalid(format!(
                    "block_id is not unique [json-pointer:{pointer}]"
                )));
            }
        }
    }
    if blocks.iter().map(written).sum::<usize>() > MAX_ALL {
        return Err("msg_blocks_too_long".into());
    }
    Ok(())
}

fn one(block: &Value, pointer: &str) -> Checked {
    match block["type"].as_str() {
        Some("section") => section(block, pointer),
        Some("header") => {
            let text = &block["text"];
            let pointer = format!("{pointer}/text");
            if text["type"] != "plain_text" {
                return Err(format!("must be plain_text [json-pointer:{pointer}]"));
            }
            text_object(text, MAX_HEADER, &pointer)
        }
        Some("divider") => Ok(()),
        Some("context") => {
            elements(
                block,
                MAX_CONTEXT,
                pointer,
                |element, pointer| match element["type"].as_str() {
                    Some("image") => image(element, pointer),
                    _ => text_object(element, MAX_SECTION, pointer),
                },
            )
        }
        Some("actions") => elements(block, MAX_ACTIONS, pointer, element),
        Some("image") => image(block, pointer),
        Some("rich_text") => elements(block, usize::MAX, pointer, |_, _| Ok(())),
        Some(other) => Err(format!(
            "unsupported type: {other} [json-pointer:{pointer}/type]"
        )),
        None => Err(format!(
            "missing required field: type [json-pointer:{pointer}]"
        )),
    }
}

fn section(block: &Value, pointer: &str) -> Checked {
    let has_text = !block["text"].is_null();
    if has_text {
        text_object(&block["text"], MAX_SECTION, &format!("{pointer}/text"))?;
    }
    match &block["fields"] {
        Value::Null if has_text => {}
        Value::Array(fields) if (1..=MAX_FIELDS).contains(&fields.len()) => {
            for (at, field) in fields.iter().enumerate() {
                text_object(field, MAX_FIELD, &format!("{pointer}/fields/{at}"))?;
            }
        }
        Value::Array(_) => {
            return Err(format!(
                "no more than {MAX_FIELDS} items allowed [json-pointer:{pointer}/fields]"
            ));
        }
        _ => {
            return Err(format!(
                "missing required field: text [json-pointer:{pointer}]"
            ));
        }
    }
    match &block["accessory"] {
        Value::Null => Ok(()),
        accessory => element(accessory, &format!("{pointer}/accessory")),
    }
}

fn elements(
    block: &Value,
    most: usize,
    pointer: &str,
    each: impl Fn(&Value, &str) -> Checked,
) -> Checked {
    let pointer = format!("{pointer}/elements");
    let elements = block["elements"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if elements.is_empty() {
        return Err(format!(
            "missing required field: elements [json-pointer:{pointer}]"
        ));
    }
    if elements.len() > most {
        return Err(format!(
            "no more than {most} items allowed [json-pointer:{pointer}]"
        ));
    }
    let mut numbered = elements.iter().enumerate();
    numbered.try_for_each(|(at, element)| each(element, &format!("{pointer}/{at}")))
}

/// What people press. Only buttons are looked into.
fn element(element: &Value, pointer: &str) -> Checked {
    match element["type"].as_str() {
        Some("button") => {
            text_object(&element["text"], MAX_BUTTON, &format!("{pointer}/text"))?;
            if element["text"]["type"] != "plain_text" {
                return Err(format!("must be plain_text [json-pointer:{pointer}/text]"));
            }
            if let Some(url) = element["url"].as_str() {
                address(url, &format!("{pointer}/url"))?;
            }
            let id = element["action_id"].as_str().unwrap_or_default();
            at_most(id, MAX_ID, &format!("{pointer}/action_id"))
        }
        Some("image") => image(element, pointer),
        Some(_) => Ok(()),
        None => Err(format!(
            "missing required field: type [json-pointer:{pointer}]"
        )),
    }
}

fn image(image: &Value, pointer: &str) -> Checked {
    let url = image["image_url"].as_str().unwrap_or_default();
    address(url, &format!("{pointer}/image_url"))?;
    match image["alt_text"].as_str() {
        Some(alt) if !alt.is_empty() => Ok(()),
        _ => Err(format!(
            "missing required field: alt_text [json-pointer:{pointer}]"
        )),
    }
}

fn address(url: &str, pointer: &str) -> Checked {
    let scheme = url
        .split_once("://")
        .map(|(scheme, rest)| (scheme, rest.is_empty()));
    if !matches!(scheme, Some(("http" | "https", false))) {
        return Err(format!("must be a valid URL [json-pointer:{pointer}]"));
    }
    at_most(url, MAX_URL, pointer)
}

fn text_object(text: &Value, most: usize, pointer: &str) -> Checked {
    if !matches!(text["type"].as_str(), Some("plain_text" | "mrkdwn")) {
        return Err(format!("unsupported type of text [json-pointer:{pointer}]"));
    }
    match text["text"].as_str() {
        None | Some("") => Err(format!(
            "must be more than 0 characters [json-pointer:{pointer}/text]"
        )),
        Some(text) => at_most(text, most, &format!("{pointer}/text")),
    }
}

fn at_most(text: &str, most: usize, pointer: &str) -> Checked {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(format!(
        "must be less than {} characters [json-pointer:{pointer}]",
        most + 1
    ))
}

/// The characters of all texts in a block.
fn written(value: &Value) -> usize {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) if name == "text" => text.chars().count(),
                value => written(value),
            })
            .sum(),
        Value::Array(items) => items.iter().map(written).sum(),
        _ => 0,
    }
}
