CREATE TABLE `allowed_hosts` (
	`host` text PRIMARY KEY NOT NULL,
	`approval_id` text,
	`allowed_by` text NOT NULL,
	`allowed_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`severity` text NOT NULL,
	`status` text NOT NULL,
	`details` text NOT NULL,
	`room_id` text,
	`run_id` text,
	`opened_by` text NOT NULL,
	`opened_at` text NOT NULL,
	`resolved_by` text,
	`resolved_at` text,
	`resolution` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `plans` (
	`run_id` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`status` text NOT NULL,
	`step_ids` text NOT NULL,
	`estimate` text NOT NULL,
	`reason_codes` text NOT NULL,
	`approval_id` text,
	`max_parallel` integer NOT NULL,
	`created_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rules` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`set_by` text NOT NULL,
	`set_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `steps` (
	`id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`room_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`ordinal` integer NOT NULL,
	`layer` integer NOT NULL,
	`title` text NOT NULL,
	`instruction` text NOT NULL,
	`agent_id` text,
	`agent_name` text,
	`agent_version` integer,
	`depends_on` text NOT NULL,
	`status` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`parent_call_id` text,
	`output` text,
	`error` text,
	`model_calls` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cost_usd` real DEFAULT 0 NOT NULL,
	`open_approvals` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL,
	`started_at` text,
	`ended_at` text,
	`duration_ms` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `steps_run` ON `steps` (`run_id`);--> statement-breakpoint
CREATE TABLE `threads` (
	`id` text PRIMARY KEY NOT NULL,
	`room_id` text NOT NULL,
	`title` text NOT NULL,
	`created_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `threads_room` ON `threads` (`room_id`);--> statement-breakpoint
CREATE TABLE `appointments` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`due_at` integer NOT NULL,
	`payload` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `leases` (
	`run_id` text PRIMARY KEY NOT NULL,
	`engine` text NOT NULL,
	`principal` text NOT NULL,
	`token_hash` text NOT NULL,
	`fence` integer NOT NULL,
	`expires_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `__new_approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`tool_call_id` text,
	`room_id` text,
	`run_id` text,
	`agent_id` text,
	`agent_name` text,
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
INSERT INTO `__new_approvals` (`id`, `kind`, `status`, `tool_call_id`, `room_id`, `run_id`, `agent_id`, `agent_name`, `tool`, `tool_version`, `arguments`, `arguments_hash`, `reason_codes`, `requested_at`, `expires_at`, `decided_at`, `decided_by`, `note`) SELECT `id`, `kind`, `status`, `tool_call_id`, `room_id`, `run_id`, `agent_id`, `agent_name`, `tool`, `tool_version`, `arguments`, `arguments_hash`, `reason_codes`, `requested_at`, `expires_at`, `decided_at`, `decided_by`, `note` FROM `approvals`;--> statement-breakpoint
DROP TABLE `approvals`;--> statement-breakpoint
ALTER TABLE `__new_approvals` RENAME TO `approvals`;--> statement-breakpoint
CREATE INDEX `approvals_pending` ON `approvals` (`expires_at`) WHERE status = 'pending';--> statement-breakpoint
CREATE TABLE `__new_artifacts` (
	`id` text PRIMARY KEY NOT NULL,
	`run_id` text NOT NULL,
	`step_id` text,
	`tool_call_id` text,
	`kind` text DEFAULT 'text' NOT NULL,
	`name` text,
	`bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`r2_key` text,
	`content` text,
	`created_at` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_artifacts` (`id`, `run_id`, `tool_call_id`, `bytes`, `sha256`, `r2_key`, `created_at`) SELECT `id`, `run_id`, `tool_call_id`, `bytes`, `sha256`, `r2_key`, `created_at` FROM `artifacts`;--> statement-breakpoint
DROP TABLE `artifacts`;--> statement-breakpoint
ALTER TABLE `__new_artifacts` RENAME TO `artifacts`;--> statement-breakpoint
CREATE INDEX `artifacts_run` ON `artifacts` (`run_id`);--> statement-breakpoint
CREATE TABLE `__new_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`room_id` text NOT NULL,
	`thread_id` text NOT NULL,
	`mode` text NOT NULL,
	`status` text NOT NULL,
	`step_id` text,
	`agent_id` text,
	`agent_name` text,
	`agent_version` integer,
	`input_message_id` text,
	`input_seq` integer,
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
	`stream_seq` integer NOT NULL,
	`limit_usd` real,
	`title` text,
	`input` text,
	`output` text,
	`engine` text,
	`claims` integer DEFAULT 0 NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_runs` (`id`, `room_id`, `thread_id`, `mode`, `status`, `step_id`, `agent_id`, `agent_name`, `agent_version`, `input_message_id`, `input_seq`, `output_message_id`, `output_seq`, `error`, `model_calls`, `input_tokens`, `output_tokens`, `cost_usd`, `open_approvals`, `created_at`, `ended_at`, `duration_ms`, `first_seq`, `stream_seq`) SELECT `id`, `room_id`, `thread_id`, `mode`, `status`, `step_id`, `agent_id`, `agent_name`, `agent_version`, `input_message_id`, `input_seq`, `output_message_id`, `output_seq`, `error`, `model_calls`, `input_tokens`, `output_tokens`, `cost_usd`, `open_approvals`, `created_at`, `ended_at`, `duration_ms`, `first_seq`, `stream_seq` FROM `runs`;--> statement-breakpoint
DROP TABLE `runs`;--> statement-breakpoint
ALTER TABLE `__new_runs` RENAME TO `runs`;--> statement-breakpoint
ALTER TABLE `messages` ADD `thread_id` text;--> statement-breakpoint
UPDATE `messages` SET `thread_id` = (SELECT `thread_id` FROM `rooms` WHERE `rooms`.`id` = `messages`.`room_id`);--> statement-breakpoint
ALTER TABLE `rooms` ADD `zone` text DEFAULT 'supervised' NOT NULL;--> statement-breakpoint
ALTER TABLE `rooms` ADD `forked_from` text;--> statement-breakpoint
ALTER TABLE `rooms` ADD `forked_seq` integer;--> statement-breakpoint
ALTER TABLE `turns` ADD `kind` text DEFAULT 'direct' NOT NULL;--> statement-breakpoint
ALTER TABLE `turns` ADD `tries` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `turns` ADD `parent_call_id` text;--> statement-breakpoint
ALTER TABLE `turns` ADD `depth` integer DEFAULT 0 NOT NULL;