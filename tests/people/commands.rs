//! `loa subscribers`, as an office and an operator use it.

use super::*;
use crate::common::process::Loa;

for_each_db!(an_office_is_imported_shown_exported_and_erased,);

const FILE: &str = "channel,address,watch,frequency,office,language,digest_at,days,zone,weekly_day\n\
    email,lan@co-quan.example,all,daily,Văn phòng,vi,16:30,weekdays,Asia/Ho_Chi_Minh,\n\
    email,Minh@co-quan.example,all,daily,Văn phòng,en,,,,\n\
    email,binh@co-quan.example,all,weekly,,,08:00,,Europe/Berlin,fri\n\
    email,binh@co-quan.example,all,weekly,,,09:00,,,\n\
    email,sai,all,daily,,,,,,\n\
    email,a@co-quan.example,all,daily,,,7h,,,\n\
    email,b@co-quan.example,topic:khong-co,daily,,,,,,\n";

async fn an_office_is_imported_shown_exported_and_erased(db: TestDb) {
    let loa = Loa::new(&db.url);
    assert_eq!(loa.run(&["migrate"]).await.code, Some(0));
    prepare(&db.store, start()).await;
    std::fs::write(loa.folder().join("people.csv"), FILE).unwrap();
    let import = [
        "subscribers",
        "import",
        "people.csv",
        "--basis",
        "Quyết định 12/QĐ-VP",
    ];
    let done = loa.run(&import).await;
    assert_eq!(done.code, Some(1), "some lines are wrong: {}", done.stderr);
    assert_eq!(
        done.stdout,
        "3 added, 0 already there, 4 not taken; 3 letters of welcome queued\n"
    );
    for wrong in [
        "line 5: digest_at is another than on line 4",
        "line 6: ",
        "line 7: ",
        "line 8: ",
    ] {
        assert!(done.stderr.contains(wrong), "{wrong} in {}", done.stderr);
    }
    for address in ["sai", "b@co-quan"] {
        assert!(!done.stderr.contains(address), "no address in {}", done.stderr);
    }
    let again = loa.run(&import).await;
    assert!(
        again.stdout.starts_with("0 added, 3 already there"),
        "{}",
        again.stdout
    );
    assert!(again.stdout.contains("0 letters"), "{}", again.stdout);

    let shown = loa.run(&["subscribers", "show", "MINH@co-quan.example"]).await;
    assert_eq!(shown.code, Some(0), "{}{}", shown.stdout, shown.stderr);
    for part in [
        "M…@co-quan.example (en)",
        "Quyết định 12/QĐ-VP",
        "follows     all, daily",
        "suppressed  no",
    ] {
        assert!(shown.stdout.contains(part), "{part} in {}", shown.stdout);
    }
    let exported = loa.run(&["subscribers", "export", "lan@co-quan.example"]).await;
    let held: serde_json::Value = serde_json::from_str(&exported.stdout).unwrap();
    let person = &held["subscriber"];
    assert_eq!(
        (&person["office"], &person["daily_time"], &person["daily_days"]),
        (&"Văn phòng".into(), &"16:30".into(), &31.into())
    );
    let exported = loa.run(&["subscribers", "export", "binh@co-quan.example"]).await;
    let held: serde_json::Value = serde_json::from_str(&exported.stdout).unwrap();
    let person = &held["subscriber"];
    assert_eq!(
        (
            &person["weekly_time"],
            &person["weekly_days"],
            &person["weekly_zone"]
        ),
        (&"08:00".into(), &16.into(), &"Europe/Berlin".into())
    );
    let mut sql = Sql::connect(&db.url).await;
    assert_eq!(
        sql.number("SELECT COUNT(*) FROM deliveries WHERE kind = 'welcome'")
            .await,
        3
    );
    // As an older Loa may have kept it.
    sql.run("UPDATE subscribers SET address = 'LAN@co-quan.example' WHERE address LIKE 'binh@%'")
        .await;
    let erased = loa.run(&["subscribers", "erase", "LAN@co-quan.example"]).await;
    assert_eq!(erased.code, Some(0), "{}", erased.stderr);
    assert_eq!(
        sql.number("SELECT COUNT(*) FROM subscribers").await,
        1,
        "both spellings"
    );
    let nobody = loa.run(&["subscribers", "export", "lan@co-quan.example"]).await;
    assert_eq!(nobody.code, Some(1));
    assert!(
        nobody.stderr.contains("nothing is held about this address"),
        "{}",
        nobody.stderr
    );
}
