CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`event_id` text NOT NULL,
	`type` text NOT NULL,
	`version` integer NOT NULL,
	`at` text NOT NULL,
	`principal` text NOT NULL,
	`on_behalf_of` text,
	`zone` text NOT NULL,
	`stream_type` text NOT NULL,
	`stream_id` text NOT NULL,
	`stream_seq` integer NOT NULL,
	`room_id` text,
	`run_id` text,
	`correlation_id` text,
	`causation_id` text,
	`idempotency_key` text,
	`data` text,
	`data_hash` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_idempotency` ON `events` (`principal`,`idempotency_key`) WHERE idempotency_key is not null;--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `stream_heads` (
	`stream` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`version` integer NOT NULL,
	`config` text NOT NULL,
	`removed` integer DEFAULT false NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `agent_versions` (
	`agent_id` text NOT NULL,
	`version` integer NOT NULL,
	`config` text NOT NULL,
	PRIMARY KEY(`agent_id`, `version`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `agent_stats` (
	`id` text PRIMARY KEY NOT NULL,
	`runs` integer DEFAULT 0 NOT NULL,
	`succeeded` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`cancelled` integer DEFAULT 0 NOT NULL,
	`latency_sum_ms` integer DEFAULT 0 NOT NULL,
	`latency_max_ms` integer DEFAULT 0 NOT NULL,
	`model_calls` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cost_usd` real DEFAULT 0 NOT NULL,
	`last_run_at` text,
	`last_error` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`tool_call_id` text NOT NULL,
	`room_id` text NOT NULL,
	`run_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`agent_name` text NOT NULL,
	`tool` text NOT NULL,
	`tool_version` integer NOT NULL,
	`arguments` text NOT NULL,
	`arguments_hash` text NOT NULL,
	`reason_codes` text NOT NULL,
	`requested_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`decided_at` text,
	`decided_by` text,
	`note` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `approvals_pending` ON `approvals` (`expires_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE TABLE `devices` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`folder` text NOT NULL,
	`tools` text NOT NULL,
	`read_only` integer NOT NULL,
	`connected` integer NOT NULL,
	`connected_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `messages` (
	`room_id` text NOT NULL,
	`stream_seq` integer NOT NULL,
	`seq` integer NOT NULL,
	`id` text NOT NULL,
	`role` text NOT NULL,
	`content` text NOT NULL,
	`agent_id` text,
	`agent_name` text,
	`target_agent` text,
	`run_id` text,
	`created_at` text NOT NULL,
	PRIMARY KEY(`room_id`, `stream_seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rooms` (
	`id` text PRIMARY KEY NOT NULL,
	`thread_id` text NOT NULL,
	`title` text NOT NULL,
	`created_at` text NOT NULL,
	`first_seq` integer NOT NULL,
	`stream_seq` integer NOT NULL,
	`deleted` integer DEFAULT false NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`room_id` text NOT NULL,
	`thread_id` text NOT NULL,
	`mode` text NOT NULL,
	`status` text NOT NULL,
	`step_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`agent_name` text NOT NULL,
	`agent_version` integer NOT NULL,
	`input_message_id` text NOT NULL,
	`input_seq` integer NOT NULL,
	`output_message_id` text,
	`output_seq` integer,
	`error` text,
	`model_calls` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cost_usd` real DEFAULT 0 NOT NULL,
	`open_approvals` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL,
	`ended_at` text,
	`duration_ms` integer,
	`first_seq` integer NOT NULL,
	`stream_seq` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `tool_calls` (
	`edited_arguments` text,
	`id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`step_id` text NOT NULL,
	`room_id` text NOT NULL,
	`iteration` integer NOT NULL,
	`provider_call_id` text NOT NULL,
	`tool` text NOT NULL,
	`tool_version` integer NOT NULL,
	`arguments` text NOT NULL,
	`arguments_hash` text NOT NULL,
	`status` text NOT NULL,
	`approval_id` text,
	`device_id` text,
	`result` text,
	`artifact_id` text,
	`requested_at` text NOT NULL,
	`ended_at` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `tool_calls_run` ON `tool_calls` (`run_id`);--> statement-breakpoint
CREATE TABLE `artifacts` (
	`id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`tool_call_id` text NOT NULL,
	`bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`r2_key` text NOT NULL,
	`created_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `effects` (
	`key` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`payload` text NOT NULL,
	`target` text,
	`attempts` integer NOT NULL,
	`created_at` integer NOT NULL,
	`deadline` integer NOT NULL,
	`due_at` integer NOT NULL,
	`settled_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `effects_open` ON `effects` (`state`,`due_at`);--> statement-breakpoint
CREATE TABLE `turns` (
	`step_id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`room_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`position` integer NOT NULL,
	`state` text NOT NULL,
	`iteration` integer NOT NULL,
	`attempt` integer NOT NULL,
	`not_before` integer NOT NULL,
	`worked_ms` integer NOT NULL,
	`working_since` integer,
	`started_at` integer NOT NULL,
	`agent_version` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TRIGGER `events_refuse_delete` BEFORE DELETE ON `events` BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `events_refuse_update` BEFORE UPDATE ON `events` BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
