CREATE TABLE `event_blocks` (
	`block` integer PRIMARY KEY NOT NULL,
	`names` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `redactions` (
	`seq` integer PRIMARY KEY NOT NULL,
	`marker_seq` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `erasures` (
	`r2_key` text PRIMARY KEY NOT NULL,
	`attempts` integer NOT NULL,
	`due_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
DROP TRIGGER `events_refuse_update`;--> statement-breakpoint
CREATE TRIGGER `events_refuse_update` BEFORE UPDATE ON `events` WHEN NOT (
	NEW.`data` IS NULL
	AND NEW.`seq` IS OLD.`seq`
	AND NEW.`event_id` IS OLD.`event_id`
	AND NEW.`type` IS OLD.`type`
	AND NEW.`version` IS OLD.`version`
	AND NEW.`at` IS OLD.`at`
	AND NEW.`principal` IS OLD.`principal`
	AND NEW.`on_behalf_of` IS OLD.`on_behalf_of`
	AND NEW.`zone` IS OLD.`zone`
	AND NEW.`stream_type` IS OLD.`stream_type`
	AND NEW.`stream_id` IS OLD.`stream_id`
	AND NEW.`stream_seq` IS OLD.`stream_seq`
	AND NEW.`room_id` IS OLD.`room_id`
	AND NEW.`run_id` IS OLD.`run_id`
	AND NEW.`correlation_id` IS OLD.`correlation_id`
	AND NEW.`causation_id` IS OLD.`causation_id`
	AND NEW.`idempotency_key` IS OLD.`idempotency_key`
	AND NEW.`data_hash` IS OLD.`data_hash`
	AND NEW.`prev_hash` IS OLD.`prev_hash`
	AND NEW.`hash` IS OLD.`hash`
	AND EXISTS (
		SELECT 1 FROM `redactions` JOIN `events` AS `marker` ON `marker`.`seq` = `redactions`.`marker_seq`
		WHERE `redactions`.`seq` = OLD.`seq` AND `marker`.`type` = 'event.redacted'
		AND json_extract(`marker`.`data`, '$.of.event_id') = OLD.`event_id`
	)
) BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
