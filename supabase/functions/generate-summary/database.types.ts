export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "clinic_events": {
        Row: {
          "actor": string | null;
          "at": string;
          "clinic_id": string;
          "detail": NonNullable<Json>;
          "event": string;
          "id": number;
          "member": string | null;
        };
        ComputedFields: never;
        Insert: {
          "actor"?: string | null;
          "at"?: string;
          "clinic_id": string;
          "detail"?: NonNullable<Json>;
          "event": string;
          "id"?: never;
          "member"?: string | null;
        };
        Update: {
          "actor"?: string | null;
          "at"?: string;
          "clinic_id"?: string;
          "detail"?: NonNullable<Json>;
          "event"?: string;
          "id"?: never;
          "member"?: string | null;
        };
        Relationships: [];
      };
      "clinic_invitations": {
        Row: {
          "clinic_id": string;
          "email": string;
          "ends_at": string;
          "invited_by": string | null;
          "role": string;
        };
        ComputedFields: never;
        Insert: {
          "clinic_id": string;
          "email": string;
          "ends_at"?: string;
          "invited_by"?: string | null;
          "role": string;
        };
        Update: {
          "clinic_id"?: string;
          "email"?: string;
          "ends_at"?: string;
          "invited_by"?: string | null;
          "role"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "clinic_invitations_clinic_id_fkey";
            columns: ["clinic_id"];
            isOneToOne: false;
            referencedRelation: "clinics";
            referencedColumns: ["id"];
          },
        ];
      };
      "clinic_members": {
        Row: {
          "clinic_id": string;
          "created_at": string;
          "disabled_at": string | null;
          "role": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "clinic_id": string;
          "created_at"?: string;
          "disabled_at"?: string | null;
          "role": string;
          "user_id": string;
        };
        Update: {
          "clinic_id"?: string;
          "created_at"?: string;
          "disabled_at"?: string | null;
          "role"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "clinic_members_clinic_id_fkey";
            columns: ["clinic_id"];
            isOneToOne: false;
            referencedRelation: "clinics";
            referencedColumns: ["id"];
          },
        ];
      };
      "clinics": {
        Row: {
          "auto_summarize": boolean;
          "created_at": string;
          "deleted_at": string | null;
          "dollars_a_day": number | null;
          "id": string;
          "name": string;
          "require_aal2": boolean;
          "template_config": Json | null;
          "topic": string;
        };
        ComputedFields: never;
        Insert: {
          "auto_summarize"?: boolean;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "dollars_a_day"?: number | null;
          "id"?: string;
          "name": string;
          "require_aal2"?: boolean;
          "template_config"?: Json | null;
          "topic"?: string;
        };
        Update: {
          "auto_summarize"?: boolean;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "dollars_a_day"?: number | null;
          "id"?: string;
          "name"?: string;
          "require_aal2"?: boolean;
          "template_config"?: Json | null;
          "topic"?: string;
        };
        Relationships: [];
      };
      "consultations": {
        Row: {
          "clinic_id": string;
          "created_at": string;
          "created_by": string | null;
          "id": string;
          "recording_changes": number;
          "template_config": Json | null;
        };
        ComputedFields: never;
        Insert: {
          "clinic_id": string;
          "created_at"?: string;
          "created_by"?: string | null;
          "id"?: string;
          "recording_changes"?: number;
          "template_config"?: Json | null;
        };
        Update: {
          "clinic_id"?: string;
          "created_at"?: string;
          "created_by"?: string | null;
          "id"?: string;
          "recording_changes"?: number;
          "template_config"?: Json | null;
        };
        Relationships: [
          {
            foreignKeyName: "consultations_clinic_id_fkey";
            columns: ["clinic_id"];
            isOneToOne: false;
            referencedRelation: "clinics";
            referencedColumns: ["id"];
          },
        ];
      };
      "extractions": {
        Row: {
          "clinic_id": string;
          "created_at": string;
          "found": NonNullable<Json>;
          "from_seconds": number;
          "is_last": boolean;
          "model": string;
          "object_version": string;
          "part": number;
          "prompt_version": string;
          "recording_id": string;
          "segments": NonNullable<Json>;
          "take": number;
          "to_seconds": number | null;
          "usage": NonNullable<Json>;
        };
        ComputedFields: never;
        Insert: {
          "clinic_id": string;
          "created_at"?: string;
          "found": NonNullable<Json>;
          "from_seconds": number;
          "is_last": boolean;
          "model": string;
          "object_version": string;
          "part": number;
          "prompt_version": string;
          "recording_id": string;
          "segments": NonNullable<Json>;
          "take"?: number;
          "to_seconds"?: number | null;
          "usage": NonNullable<Json>;
        };
        Update: {
          "clinic_id"?: string;
          "created_at"?: string;
          "found"?: NonNullable<Json>;
          "from_seconds"?: number;
          "is_last"?: boolean;
          "model"?: string;
          "object_version"?: string;
          "part"?: number;
          "prompt_version"?: string;
          "recording_id"?: string;
          "segments"?: NonNullable<Json>;
          "take"?: number;
          "to_seconds"?: number | null;
          "usage"?: NonNullable<Json>;
        };
        Relationships: [
          {
            foreignKeyName: "extractions_recording_id_clinic_id_fkey";
            columns: ["recording_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "recordings";
            referencedColumns: ["id", "clinic_id"];
          },
        ];
      };
      "recordings": {
        Row: {
          "bucket_id": string;
          "clinic_id": string;
          "consultation_id": string;
          "created_at": string;
          "created_by": string | null;
          "declared_type": string | null;
          "deleted_at": string | null;
          "deleted_by": string | null;
          "etag": string | null;
          "excluded": string | null;
          "id": string;
          "kind": string;
          "object_id": string;
          "object_path": string;
          "object_version": string;
          "size_bytes": number | null;
          "take": number;
        };
        ComputedFields: never;
        Insert: {
          "bucket_id": string;
          "clinic_id": string;
          "consultation_id": string;
          "created_at"?: string;
          "created_by"?: string | null;
          "declared_type"?: string | null;
          "deleted_at"?: string | null;
          "deleted_by"?: string | null;
          "etag"?: string | null;
          "excluded"?: string | null;
          "id"?: string;
          "kind": string;
          "object_id": string;
          "object_path": string;
          "object_version": string;
          "size_bytes"?: number | null;
          "take"?: number;
        };
        Update: {
          "bucket_id"?: string;
          "clinic_id"?: string;
          "consultation_id"?: string;
          "created_at"?: string;
          "created_by"?: string | null;
          "declared_type"?: string | null;
          "deleted_at"?: string | null;
          "deleted_by"?: string | null;
          "etag"?: string | null;
          "excluded"?: string | null;
          "id"?: string;
          "kind"?: string;
          "object_id"?: string;
          "object_path"?: string;
          "object_version"?: string;
          "size_bytes"?: number | null;
          "take"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "recordings_consultation_id_clinic_id_fkey";
            columns: ["consultation_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "consultations";
            referencedColumns: ["id", "clinic_id"];
          },
        ];
      };
      "summaries": {
        Row: {
          "amends": string | null;
          "approved_at": string | null;
          "approved_by": string | null;
          "clinic_id": string;
          "completed_at": string | null;
          "consultation_id": string;
          "created_at": string;
          "due_at": string | null;
          "ended_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "id": string;
          "incomplete": boolean | null;
          "is_current": boolean;
          "model": string | null;
          "prompt_version": string | null;
          "requested_by": string | null;
          "review_status": string;
          "sections": Json | null;
          "stage": string | null;
          "started_at": string | null;
          "status": string;
          "submitted_by": string;
          "summary": string | null;
          "superseded_by": string | null;
          "supersedes": string | null;
          "template_config": Json | null;
          "updated_at": string;
          "usage": Json | null;
          "version": number;
          "waiting_for": string | null;
          "withdrawn_at": string | null;
          "withdrawn_by": string | null;
          "withdrawn_reason": string | null;
        };
        ComputedFields: never;
        Insert: {
          "amends"?: string | null;
          "approved_at"?: string | null;
          "approved_by"?: string | null;
          "clinic_id": string;
          "completed_at"?: string | null;
          "consultation_id": string;
          "created_at"?: string;
          "due_at"?: string | null;
          "ended_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "incomplete"?: boolean | null;
          "is_current"?: boolean;
          "model"?: string | null;
          "prompt_version"?: string | null;
          "requested_by"?: string | null;
          "review_status"?: string;
          "sections"?: Json | null;
          "stage"?: string | null;
          "started_at"?: string | null;
          "status"?: string;
          "submitted_by"?: string;
          "summary"?: string | null;
          "superseded_by"?: string | null;
          "supersedes"?: string | null;
          "template_config"?: Json | null;
          "updated_at"?: string;
          "usage"?: Json | null;
          "version"?: number;
          "waiting_for"?: string | null;
          "withdrawn_at"?: string | null;
          "withdrawn_by"?: string | null;
          "withdrawn_reason"?: string | null;
        };
        Update: {
          "amends"?: string | null;
          "approved_at"?: string | null;
          "approved_by"?: string | null;
          "clinic_id"?: string;
          "completed_at"?: string | null;
          "consultation_id"?: string;
          "created_at"?: string;
          "due_at"?: string | null;
          "ended_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "id"?: string;
          "incomplete"?: boolean | null;
          "is_current"?: boolean;
          "model"?: string | null;
          "prompt_version"?: string | null;
          "requested_by"?: string | null;
          "review_status"?: string;
          "sections"?: Json | null;
          "stage"?: string | null;
          "started_at"?: string | null;
          "status"?: string;
          "submitted_by"?: string;
          "summary"?: string | null;
          "superseded_by"?: string | null;
          "supersedes"?: string | null;
          "template_config"?: Json | null;
          "updated_at"?: string;
          "usage"?: Json | null;
          "version"?: number;
          "waiting_for"?: string | null;
          "withdrawn_at"?: string | null;
          "withdrawn_by"?: string | null;
          "withdrawn_reason"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "summaries_amends_fkey";
            columns: ["amends"];
            isOneToOne: false;
            referencedRelation: "current_summaries";
            referencedColumns: ["summary_id"];
          },
          {
            foreignKeyName: "summaries_amends_fkey";
            columns: ["amends"];
            isOneToOne: false;
            referencedRelation: "summaries";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "summaries_consultation_id_clinic_id_fkey";
            columns: ["consultation_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "consultations";
            referencedColumns: ["id", "clinic_id"];
          },
          {
            foreignKeyName: "summaries_superseded_by_fkey";
            columns: ["superseded_by"];
            isOneToOne: false;
            referencedRelation: "current_summaries";
            referencedColumns: ["summary_id"];
          },
          {
            foreignKeyName: "summaries_superseded_by_fkey";
            columns: ["superseded_by"];
            isOneToOne: false;
            referencedRelation: "summaries";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "summaries_supersedes_fkey";
            columns: ["supersedes"];
            isOneToOne: false;
            referencedRelation: "current_summaries";
            referencedColumns: ["summary_id"];
          },
          {
            foreignKeyName: "summaries_supersedes_fkey";
            columns: ["supersedes"];
            isOneToOne: false;
            referencedRelation: "summaries";
            referencedColumns: ["id"];
          },
        ];
      };
      "summary_events": {
        Row: {
          "actor": string | null;
          "at": string;
          "clinic_id": string;
          "consultation_id": string;
          "detail": NonNullable<Json>;
          "event": string;
          "id": number;
          "summary_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor"?: string | null;
          "at"?: string;
          "clinic_id": string;
          "consultation_id": string;
          "detail": NonNullable<Json>;
          "event": string;
          "id"?: never;
          "summary_id": string;
        };
        Update: {
          "actor"?: string | null;
          "at"?: string;
          "clinic_id"?: string;
          "consultation_id"?: string;
          "detail"?: NonNullable<Json>;
          "event"?: string;
          "id"?: never;
          "summary_id"?: string;
        };
        Relationships: [];
      };
      "summary_recordings": {
        Row: {
          "clinic_id": string;
          "code": string | null;
          "message": string | null;
          "missing": Json | null;
          "object_version": string;
          "outcome": string;
          "recording_id": string;
          "summary_id": string;
          "take": number;
        };
        ComputedFields: never;
        Insert: {
          "clinic_id": string;
          "code"?: string | null;
          "message"?: string | null;
          "missing"?: Json | null;
          "object_version": string;
          "outcome": string;
          "recording_id": string;
          "summary_id": string;
          "take"?: number;
        };
        Update: {
          "clinic_id"?: string;
          "code"?: string | null;
          "message"?: string | null;
          "missing"?: Json | null;
          "object_version"?: string;
          "outcome"?: string;
          "recording_id"?: string;
          "summary_id"?: string;
          "take"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "summary_recordings_recording_id_clinic_id_fkey";
            columns: ["recording_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "recordings";
            referencedColumns: ["id", "clinic_id"];
          },
          {
            foreignKeyName: "summary_recordings_summary_id_clinic_id_fkey";
            columns: ["summary_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "current_summaries";
            referencedColumns: ["summary_id", "clinic_id"];
          },
          {
            foreignKeyName: "summary_recordings_summary_id_clinic_id_fkey";
            columns: ["summary_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "summaries";
            referencedColumns: ["id", "clinic_id"];
          },
        ];
      };
      "summary_revisions": {
        Row: {
          "clinic_id": string;
          "edited_at": string;
          "edited_by": string | null;
          "summary": string;
          "summary_id": string;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "clinic_id": string;
          "edited_at"?: string;
          "edited_by"?: string | null;
          "summary": string;
          "summary_id": string;
          "version": number;
        };
        Update: {
          "clinic_id"?: string;
          "edited_at"?: string;
          "edited_by"?: string | null;
          "summary"?: string;
          "summary_id"?: string;
          "version"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "summary_revisions_summary_id_clinic_id_fkey";
            columns: ["summary_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "current_summaries";
            referencedColumns: ["summary_id", "clinic_id"];
          },
          {
            foreignKeyName: "summary_revisions_summary_id_clinic_id_fkey";
            columns: ["summary_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "summaries";
            referencedColumns: ["id", "clinic_id"];
          },
        ];
      };
    };
    Views: {
      "current_summaries": {
        Row: {
          "active_id": string | null;
          "amends": string | null;
          "approved_id": string | null;
          "clinic_id": string;
          "completed_at": string | null;
          "consultation_id": string;
          "incomplete": boolean | null;
          "review_status": string;
          "sections": Json | null;
          "summary": string | null;
          "summary_id": string;
          "version": number;
        };
        ComputedFields: never;
        Insert: {
          "active_id"?: never;
          "amends"?: string | null;
          "approved_id"?: never;
          "clinic_id"?: string | null;
          "completed_at"?: string | null;
          "consultation_id"?: string | null;
          "incomplete"?: boolean | null;
          "review_status"?: string | null;
          "sections"?: Json | null;
          "summary"?: string | null;
          "summary_id"?: string | null;
          "version"?: number | null;
        };
        Update: {
          "active_id"?: never;
          "amends"?: string | null;
          "approved_id"?: never;
          "clinic_id"?: string | null;
          "completed_at"?: string | null;
          "consultation_id"?: string | null;
          "incomplete"?: boolean | null;
          "review_status"?: string | null;
          "sections"?: Json | null;
          "summary"?: string | null;
          "summary_id"?: string | null;
          "version"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "summaries_amends_fkey";
            columns: ["amends"];
            isOneToOne: false;
            referencedRelation: "current_summaries";
            referencedColumns: ["summary_id"];
          },
          {
            foreignKeyName: "summaries_amends_fkey";
            columns: ["amends"];
            isOneToOne: false;
            referencedRelation: "summaries";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "summaries_consultation_id_clinic_id_fkey";
            columns: ["consultation_id", "clinic_id"];
            isOneToOne: false;
            referencedRelation: "consultations";
            referencedColumns: ["id", "clinic_id"];
          },
        ];
      };
    };
    Functions: {
      "accept_invitation": { Args: { "p_clinic": string }; Returns: string };
      "claim_next": { Args: { "p_lease_seconds"?: number; "p_token": string }; Returns: Json };
      "cleaned_summary": { Args: { "p_id"?: string; "p_token": string }; Returns: boolean };
      "complete_summary": {
        Args: {
          "p_calls"?: Json;
          "p_id": string;
          "p_lease_seconds"?: number;
          "p_next_token"?: string;
          "p_result": Json;
          "p_token": string;
          "p_used": Json;
        };
        Returns: Json;
      };
      "delete_clinic": { Args: { "p_clinic": string }; Returns: undefined };
      "fail_summary": {
        Args: {
          "p_calls"?: Json;
          "p_code": string;
          "p_fault": string;
          "p_id": string;
          "p_left_files"?: boolean;
          "p_message": string;
          "p_retry_after"?: number;
          "p_token": string;
          "p_tries"?: number;
          "p_usable"?: boolean;
          "p_used"?: Json;
        };
        Returns: Json;
      };
      "heartbeat_summary": {
        Args: { "p_id": string; "p_lease_seconds"?: number; "p_stage": string; "p_token": string };
        Returns: boolean;
      };
      "listen_again": { Args: { "p_recording": string }; Returns: string };
      "queue_health": { Args: Record<PropertyKey, never>; Returns: Json };
      "release_summary": {
        Args: { "p_calls"?: Json; "p_id": string; "p_late": boolean; "p_token": string };
        Returns: boolean;
      };
      "request_summary": {
        Args: {
          "p_consultation": string;
          "p_session"?: Json;
          "p_submitted_by"?: string;
          "p_template"?: Json;
          "p_user": string;
        };
        Returns: Json;
      };
      "save_draft": {
        Args: { "p_calls"?: Json; "p_draft": Json; "p_id": string; "p_token": string };
        Returns: Json;
      };
      "save_extraction": {
        Args: {
          "p_calls"?: Json;
          "p_id": string;
          "p_object_version": string;
          "p_part": Json;
          "p_recording": string;
          "p_stage"?: string;
          "p_token": string;
        };
        Returns: Json;
      };
      "summary_inputs": { Args: { "p_id": string; "p_token": string }; Returns: Json };
      "tell_calls": {
        Args: { "p_calls": Json; "p_id": string; "p_token": string };
        Returns: boolean;
      };
      "withdraw_summary": { Args: { "p_reason": string; "p_summary": string }; Returns: undefined };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
