//! Who gives way to whom inside one process.

use std::fs;

use crate::common::process::{Loa, until};

/// The nice value of every thread of a process with this name (`/proc/PID/task/TID/{comm,stat}`, proc(5)).
#[cfg(target_os = "linux")]
fn nice_values(id: u32, name: &str) -> Vec<i64> {
    let mut values = Vec::new();
    for task in fs::read_dir(format!("/proc/{id}/task")).unwrap() {
        let task = task.unwrap().path();
        // A thread may end meanwhile.
        let (Ok(comm), Ok(stat)) = (
            fs::read_to_string(task.join("comm")),
            fs::read_to_string(task.join("stat")),
        ) else {
            continue;
        };
        if comm.trim() == name {
            // The name stands in brackets and may hold anything; nice is the 17th field behind it.
            let (_, fields) = stat.rsplit_once(") ").unwrap();
            values.push(fields.split(' ').nth(16).unwrap().parse().unwrap());
        }
    }
    values
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn reading_portals_gives_way_to_serving_readers() {
    let serve = ["serve", "--portal-url", "quangtri=http://127.0.0.1:9/"];
    let loa = Loa::new("sqlite:loa.db");
    let mut running = loa.start(&serve);
    running.address().await;
    let id = running.id();
    let own = nice_values(id, "loa")[0];
    until("the threads for portals have lowered themselves", async || {
        let values = nice_values(id, "loa-background");
        !values.is_empty() && values.iter().all(|nice| *nice == own + 10)
    })
    .await;
    let serving = nice_values(id, "tokio-rt-worker");
    assert!(
        !serving.is_empty() && serving.iter().all(|nice| *nice == own),
        "{serving:?}"
    );
    running.kill().await;
}
