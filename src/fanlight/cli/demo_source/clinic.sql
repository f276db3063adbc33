-- Lindenhof, an invented clinic: the demo's second source, which a newcomer connects. Loads into an empty database,
-- version 15 or later, in one go. It holds no row at all.

CREATE SCHEMA registry;
CREATE SCHEMA ward;
CREATE SCHEMA laboratory;
CREATE SCHEMA pharmacy;
CREATE SCHEMA billing;
CREATE SCHEMA reporting;
COMMENT ON SCHEMA registry IS 'Who our patients are, who treats them, and when they come.';
COMMENT ON SCHEMA ward IS 'Stays, beds, and what is observed and done at the bedside.';
COMMENT ON SCHEMA laboratory IS 'Samples on their way, tests ordered, results released.';
COMMENT ON SCHEMA pharmacy IS 'Medicines, what was prescribed, dispensed and given, and what is in stock.';
COMMENT ON SCHEMA billing IS 'Cases, services and invoices to insurers and patients.';
COMMENT ON SCHEMA reporting IS 'Figures for the board and the authorities. Rebuilt every night.';

CREATE TYPE registry.sex AS ENUM ('female', 'male', 'intersex', 'unknown');
CREATE TYPE registry.appointment_state AS ENUM ('booked', 'confirmed', 'arrived', 'seen', 'missed', 'cancelled');
CREATE TYPE ward.triage AS ENUM ('immediate', 'very_urgent', 'urgent', 'standard', 'not_urgent');
CREATE TYPE laboratory.flag AS ENUM ('normal', 'low', 'high', 'critical');
CREATE TYPE pharmacy.route AS ENUM ('oral', 'intravenous', 'subcutaneous', 'topical', 'inhaled');
CREATE TYPE billing.invoice_state AS ENUM ('draft', 'sent', 'disputed', 'paid', 'written_off');
COMMENT ON TYPE ward.triage IS 'The five levels of the Manchester scheme, most urgent first.';
CREATE DOMAIN registry.insurance_number AS text CHECK (VALUE ~ '^[A-Z][0-9]{9}$');
COMMENT ON DOMAIN registry.insurance_number IS 'A letter and nine digits, as on the card.';
CREATE DOMAIN billing.cents AS bigint CHECK (VALUE >= 0);

CREATE TABLE registry.patients (
    patient_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    insurance_number registry.insurance_number UNIQUE,
    family_name text NOT NULL,
    given_names text NOT NULL,
    name_at_birth text,
    born_on date NOT NULL,
    died_at timestamptz,
    sex registry.sex NOT NULL DEFAULT 'unknown',
    language char(2),
    blood_group text CHECK (blood_group IN ('0', 'A', 'B', 'AB')),
    rhesus_positive boolean,
    family_doctor text,
    is_protected boolean NOT NULL DEFAULT false,
    registered_at timestamptz NOT NULL DEFAULT now(),
    merged_into bigint REFERENCES registry.patients
);
COMMENT ON TABLE registry.patients IS 'One row per person who was ever registered. Duplicates are merged, never deleted.';
COMMENT ON COLUMN registry.patients.is_protected IS 'Staff and public persons: every look is reviewed.';
COMMENT ON COLUMN registry.patients.merged_into IS 'The row that stands for this person now.';
COMMENT ON COLUMN registry.patients.born_on IS 'As on the card. Unknown days are written as the first of the month.';
CREATE INDEX patients_by_name ON registry.patients (family_name, given_names, born_on);

CREATE TABLE registry.patient_addresses (
    address_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id bigint NOT NULL REFERENCES registry.patients ON DELETE CASCADE,
    street text, house_number text, postal_code text, town text, country char(2) NOT NULL DEFAULT 'DE',
    telephone text, email text,
    valid_from date NOT NULL, valid_to date,
    CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
COMMENT ON TABLE registry.patient_addresses IS 'Where a patient lived, and since when.';
CREATE TABLE registry.contacts (
    contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id bigint NOT NULL REFERENCES registry.patients,
    full_name text NOT NULL, relation text, telephone text,
    may_be_told boolean NOT NULL DEFAULT false,
    is_guardian boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE registry.contacts IS 'Whom to call. Only those who may be told are told anything.';
CREATE TABLE registry.departments (
    department_code text PRIMARY KEY, title text NOT NULL, cost_centre text NOT NULL, building text, floor smallint,
    telephone text, head_practitioner_id bigint, closed_on date
);
COMMENT ON TABLE registry.departments IS 'Departments of the house, closed ones included.';
CREATE TABLE registry.practitioners (
    practitioner_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    licence_number text UNIQUE, full_name text NOT NULL, title text, specialty text,
    department_code text REFERENCES registry.departments,
    email text, pager text, hired_on date NOT NULL, left_on date, is_on_call boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE registry.practitioners IS 'Physicians, nurses and therapists who may sign.';
ALTER TABLE registry.departments ADD FOREIGN KEY (head_practitioner_id) REFERENCES registry.practitioners;
CREATE TABLE registry.appointments (
    appointment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id bigint NOT NULL REFERENCES registry.patients,
    practitioner_id bigint REFERENCES registry.practitioners,
    department_code text NOT NULL REFERENCES registry.departments,
    begins_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
    state registry.appointment_state NOT NULL DEFAULT 'booked',
    reason text, referral_number text, booked_by text, booked_at timestamptz NOT NULL DEFAULT now(),
    reminder_sent_at timestamptz, cancelled_reason text,
    CHECK (ends_at > begins_at)
);
COMMENT ON TABLE registry.appointments IS 'Outpatient appointments. A missed one stays, for the waiting list.';
COMMENT ON COLUMN registry.appointments.reason IS 'In the words of whoever called.';
CREATE INDEX appointments_ahead ON registry.appointments (department_code, begins_at) WHERE state IN ('booked', 'confirmed');
CREATE TABLE registry.referrals (
    referral_number text PRIMARY KEY, patient_id bigint NOT NULL REFERENCES registry.patients,
    referring_doctor text NOT NULL, practice_number text, diagnosis_code text, question text, issued_on date NOT NULL, valid_until date
);
CREATE TABLE registry.consents (
    consent_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id bigint NOT NULL REFERENCES registry.patients,
    purpose text NOT NULL, text_version text NOT NULL, given_at timestamptz NOT NULL, withdrawn_at timestamptz,
    witnessed_by bigint REFERENCES registry.practitioners, document_reference text
);
COMMENT ON TABLE registry.consents IS 'What a patient agreed to: treatment, research, passing on. Withdrawn ones stay.';

CREATE TABLE ward.rooms (
    room_number text PRIMARY KEY, department_code text NOT NULL REFERENCES registry.departments,
    beds smallint NOT NULL, has_isolation boolean NOT NULL DEFAULT false, has_oxygen boolean NOT NULL DEFAULT true, closed_until date
);
CREATE TABLE ward.beds (
    bed_number text PRIMARY KEY, room_number text NOT NULL REFERENCES ward.rooms, kind text NOT NULL,
    serviced_on date, is_out_of_order boolean NOT NULL DEFAULT false
);
CREATE TABLE ward.stays (
    stay_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id bigint NOT NULL REFERENCES registry.patients,
    department_code text NOT NULL REFERENCES registry.departments,
    admitted_at timestamptz NOT NULL, discharged_at timestamptz,
    admission_kind text NOT NULL, discharge_kind text, triage ward.triage,
    main_diagnosis text, attending_id bigint REFERENCES registry.practitioners,
    isolation_reason text, diet text, expected_discharge_on date, case_number text UNIQUE
);
COMMENT ON TABLE ward.stays IS 'One row per inpatient stay, from admission to discharge.';
COMMENT ON COLUMN ward.stays.main_diagnosis IS 'ICD-10-GM code, fixed at discharge.';
CREATE TABLE ward.bed_assignments (
    stay_id bigint NOT NULL REFERENCES ward.stays, bed_number text NOT NULL REFERENCES ward.beds,
    since timestamptz NOT NULL, until timestamptz, moved_because text, PRIMARY KEY (stay_id, since)
);
CREATE TABLE ward.diagnoses (
    stay_id bigint NOT NULL REFERENCES ward.stays, position smallint NOT NULL, icd_code text NOT NULL, side char(1),
    certainty char(1), present_at_admission boolean, recorded_by bigint REFERENCES registry.practitioners, recorded_at timestamptz NOT NULL,
    PRIMARY KEY (stay_id, position)
);
COMMENT ON TABLE ward.diagnoses IS 'Secondary diagnoses of a stay, in the order that matters for the case group.';
CREATE TABLE ward.procedures (
    procedure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stay_id bigint NOT NULL REFERENCES ward.stays,
    ops_code text NOT NULL, begins_at timestamptz NOT NULL, ends_at timestamptz, theatre text, side char(1),
    surgeon_id bigint REFERENCES registry.practitioners, anaesthetist_id bigint REFERENCES registry.practitioners,
    anaesthesia text, blood_loss_ml integer, complications text, report text
);
COMMENT ON COLUMN ward.procedures.ops_code IS 'Operation and procedure key of the year of discharge.';
CREATE TABLE ward.observations (
    observation_id bigint NOT NULL, stay_id bigint NOT NULL, observed_at timestamptz NOT NULL,
    kind text NOT NULL, value numeric(10, 3), unit text, text_value text, device text, entered_by bigint,
    is_validated boolean NOT NULL DEFAULT false, corrected_by bigint, PRIMARY KEY (observation_id, observed_at)
) PARTITION BY RANGE (observed_at);
COMMENT ON TABLE ward.observations IS 'Pulse, pressure, temperature and the rest, by hand and from monitors. A partition a quarter.';
CREATE TABLE ward.observations_2026_q3 PARTITION OF ward.observations FOR VALUES FROM ('2026-07-01') TO ('2026-10-01');
CREATE TABLE ward.observations_2026_q4 PARTITION OF ward.observations FOR VALUES FROM ('2026-10-01') TO ('2027-01-01');
CREATE TABLE ward.observations_2027_q1 PARTITION OF ward.observations FOR VALUES FROM ('2027-01-01') TO ('2027-04-01');
CREATE INDEX observations_of_stay ON ward.observations (stay_id, kind, observed_at DESC);
CREATE TABLE ward.nursing_notes (
    note_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stay_id bigint NOT NULL REFERENCES ward.stays,
    shift text NOT NULL, written_at timestamptz NOT NULL DEFAULT now(), written_by bigint NOT NULL REFERENCES registry.practitioners,
    body text NOT NULL, countersigned_by bigint REFERENCES registry.practitioners
);
CREATE TABLE ward.incidents (
    incident_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stay_id bigint REFERENCES ward.stays,
    happened_at timestamptz NOT NULL, kind text NOT NULL, harm smallint NOT NULL CHECK (harm BETWEEN 0 AND 4),
    what_happened text NOT NULL, what_was_done text, is_anonymous boolean NOT NULL DEFAULT true, closed_at timestamptz
);
COMMENT ON TABLE ward.incidents IS 'Falls, mix-ups and near misses. Whoever reports one need not give a name.';

CREATE TABLE laboratory.tests (
    test_code text PRIMARY KEY, loinc_code text, title text NOT NULL, material text NOT NULL, unit text,
    reference_low numeric, reference_high numeric, method text, minutes_to_result integer, price billing.cents, is_accredited boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE laboratory.tests IS 'What the laboratory can measure, and between which values it is normal.';
CREATE TABLE laboratory.orders (
    order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, patient_id bigint NOT NULL REFERENCES registry.patients,
    stay_id bigint REFERENCES ward.stays, ordered_by bigint NOT NULL REFERENCES registry.practitioners,
    ordered_at timestamptz NOT NULL DEFAULT now(), priority text NOT NULL DEFAULT 'routine', clinical_question text, cancelled_at timestamptz
);
CREATE TABLE laboratory.samples (
    barcode text PRIMARY KEY, order_id bigint NOT NULL REFERENCES laboratory.orders, material text NOT NULL,
    taken_at timestamptz, taken_by bigint REFERENCES registry.practitioners, received_at timestamptz, rejected_because text,
    stored_at text, discarded_on date
);
COMMENT ON COLUMN laboratory.samples.rejected_because IS 'Clotted, haemolysed, too little, mixed up: the sample is taken again.';
CREATE TABLE laboratory.results (
    result_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, barcode text NOT NULL REFERENCES laboratory.samples,
    test_code text NOT NULL REFERENCES laboratory.tests, value numeric, text_value text, unit text, flag laboratory.flag,
    measured_at timestamptz NOT NULL, analyser text, released_by bigint REFERENCES registry.practitioners, released_at timestamptz,
    replaces bigint REFERENCES laboratory.results, called_through_to text
);
COMMENT ON TABLE laboratory.results IS 'One row per measured value. A corrected one replaces another and says which.';
COMMENT ON COLUMN laboratory.results.called_through_to IS 'Whom the laboratory told of a critical value by telephone.';
CREATE INDEX results_waiting ON laboratory.results (measured_at) WHERE released_at IS NULL;
CREATE TABLE laboratory.quality_controls (
    control_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, analyser text NOT NULL, test_code text NOT NULL REFERENCES laboratory.tests,
    lot text NOT NULL, target numeric NOT NULL, deviation_allowed numeric NOT NULL, measured numeric NOT NULL, measured_at timestamptz NOT NULL
);

CREATE TABLE pharmacy.medicines (
    pzn text PRIMARY KEY, trade_name text NOT NULL, substance text NOT NULL, atc_code text, strength text, form text,
    package_size integer, is_narcotic boolean NOT NULL DEFAULT false, needs_cooling boolean NOT NULL DEFAULT false, price billing.cents
);
COMMENT ON COLUMN pharmacy.medicines.pzn IS 'Pharmacy central number, eight digits.';
CREATE TABLE pharmacy.allergies (
    patient_id bigint NOT NULL REFERENCES registry.patients, substance text NOT NULL, reaction text, severity smallint,
    confirmed boolean NOT NULL DEFAULT false, noted_by bigint REFERENCES registry.practitioners, noted_at timestamptz NOT NULL, PRIMARY KEY (patient_id, substance)
);
COMMENT ON TABLE pharmacy.allergies IS 'Checked at every prescription. An unconfirmed one counts.';
CREATE TABLE pharmacy.prescriptions (
    prescription_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stay_id bigint REFERENCES ward.stays,
    patient_id bigint NOT NULL REFERENCES registry.patients, pzn text NOT NULL REFERENCES pharmacy.medicines,
    dose numeric NOT NULL, dose_unit text NOT NULL, route pharmacy.route NOT NULL, schedule text NOT NULL,
    begins_at timestamptz NOT NULL, ends_at timestamptz, prescribed_by bigint NOT NULL REFERENCES registry.practitioners,
    stopped_by bigint REFERENCES registry.practitioners, stopped_because text
);
COMMENT ON TABLE pharmacy.prescriptions IS 'What is to be given, how often and for how long.';
CREATE TABLE pharmacy.administrations (
    administration_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, prescription_id bigint NOT NULL REFERENCES pharmacy.prescriptions,
    due_at timestamptz NOT NULL, given_at timestamptz, dose_given numeric, given_by bigint REFERENCES registry.practitioners,
    double_checked_by bigint REFERENCES registry.practitioners, not_given_because text
);
CREATE TABLE pharmacy.stock (
    pzn text NOT NULL REFERENCES pharmacy.medicines, lot text NOT NULL, place text NOT NULL, packages integer NOT NULL CHECK (packages >= 0),
    expires_on date NOT NULL, counted_at timestamptz, PRIMARY KEY (pzn, lot, place)
);
CREATE TABLE pharmacy.narcotics_book (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pzn text NOT NULL REFERENCES pharmacy.medicines, at timestamptz NOT NULL,
    change integer NOT NULL, balance integer NOT NULL CHECK (balance >= 0), signed_by bigint NOT NULL REFERENCES registry.practitioners,
    witnessed_by bigint NOT NULL REFERENCES registry.practitioners, CHECK (signed_by <> witnessed_by)
);
COMMENT ON TABLE pharmacy.narcotics_book IS 'Required by law, kept three years. Two people sign.';

CREATE TABLE billing.insurers (
    insurer_number text PRIMARY KEY, title text NOT NULL, kind text NOT NULL, street text, postal_code text, town text, email text, accepts_electronic boolean NOT NULL DEFAULT true
);
CREATE TABLE billing.policies (
    policy_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, patient_id bigint NOT NULL REFERENCES registry.patients,
    insurer_number text NOT NULL REFERENCES billing.insurers, member_number text, covers_from date NOT NULL, covers_to date, copayment_percent numeric(5, 2)
);
CREATE TABLE billing.services (
    service_code text PRIMARY KEY, title text NOT NULL, points numeric(8, 2), price billing.cents, valid_from date NOT NULL, valid_to date
);
CREATE TABLE billing.cases (
    case_number text PRIMARY KEY, stay_id bigint UNIQUE REFERENCES ward.stays, drg_code text, cost_weight numeric(8, 3), grouper_version text,
    days_covered integer, coded_by text, coded_at timestamptz, is_audited boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE billing.cases IS 'Inpatient cases as the grouper sees them.';
COMMENT ON COLUMN billing.cases.drg_code IS 'Diagnosis-related group: what the stay is paid as.';
CREATE TABLE billing.service_entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, appointment_id bigint REFERENCES registry.appointments,
    service_code text NOT NULL REFERENCES billing.services, quantity integer NOT NULL DEFAULT 1, factor numeric(4, 2) NOT NULL DEFAULT 1.0, performed_at timestamptz NOT NULL, performed_by bigint
);
CREATE TABLE billing.invoices (
    invoice_number text PRIMARY KEY, patient_id bigint NOT NULL REFERENCES registry.patients, insurer_number text REFERENCES billing.insurers,
    case_number text REFERENCES billing.cases, issued_on date NOT NULL, due_on date NOT NULL, total billing.cents NOT NULL, paid billing.cents NOT NULL DEFAULT 0,
    state billing.invoice_state NOT NULL DEFAULT 'draft', disputed_because text, reminder_level smallint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN billing.invoices.total IS 'In cents. What the patient pays is another invoice.';
CREATE TABLE billing.payments (
    payment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, invoice_number text NOT NULL REFERENCES billing.invoices, received_on date NOT NULL,
    amount billing.cents NOT NULL, bank_reference text, booked_by text
);

CREATE FUNCTION registry.age_at(born_on date, on_day date DEFAULT CURRENT_DATE) RETURNS integer
    LANGUAGE sql STABLE AS $$SELECT extract(year FROM age(on_day, born_on))::integer$$;
COMMENT ON FUNCTION registry.age_at(date, date) IS 'Whole years, as the law counts them.';
CREATE FUNCTION ward.early_warning(pulse integer, systolic integer, breaths integer, temperature numeric) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$SELECT (pulse > 110)::int + (systolic < 100)::int + (breaths > 24)::int + (temperature > 39)::int$$;
COMMENT ON FUNCTION ward.early_warning(integer, integer, integer, numeric) IS 'How many of four signs are alarming. Three call the physician.';
CREATE FUNCTION pharmacy.refuse_allergen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pharmacy.allergies a JOIN pharmacy.medicines m USING (substance) WHERE a.patient_id = NEW.patient_id AND m.pzn = NEW.pzn) THEN
        RAISE EXCEPTION 'this patient is allergic to it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER no_allergens BEFORE INSERT OR UPDATE OF pzn ON pharmacy.prescriptions FOR EACH ROW EXECUTE FUNCTION pharmacy.refuse_allergen();
COMMENT ON TRIGGER no_allergens ON pharmacy.prescriptions IS 'The last line of defence, not the first.';

CREATE VIEW ward.present AS
    SELECT s.stay_id, s.patient_id, p.family_name, p.given_names, b.bed_number, s.department_code, s.admitted_at
    FROM ward.stays s JOIN registry.patients p USING (patient_id)
    LEFT JOIN ward.bed_assignments b ON b.stay_id = s.stay_id AND b.until IS NULL WHERE s.discharged_at IS NULL;
COMMENT ON VIEW ward.present IS 'Who is in the house now, and in which bed.';
CREATE VIEW laboratory.critical_results AS
    SELECT r.result_id, o.patient_id, r.test_code, r.value, r.unit, r.measured_at, r.called_through_to
    FROM laboratory.results r JOIN laboratory.samples s USING (barcode) JOIN laboratory.orders o USING (order_id) WHERE r.flag = 'critical';
CREATE VIEW billing.overdue AS
    SELECT invoice_number, insurer_number, total - paid AS open_amount, CURRENT_DATE - due_on AS days_late FROM billing.invoices WHERE paid < total AND due_on < CURRENT_DATE;
CREATE MATERIALIZED VIEW reporting.occupancy AS
    SELECT department_code, date_trunc('day', admitted_at) AS day, count(*) AS admissions FROM ward.stays GROUP BY department_code, date_trunc('day', admitted_at);
COMMENT ON MATERIALIZED VIEW reporting.occupancy IS 'Admissions a day and department, for the board.';
CREATE MATERIALIZED VIEW reporting.turnaround AS
    SELECT r.test_code, date_trunc('week', r.measured_at) AS week, avg(r.released_at - o.ordered_at) AS mean_time
    FROM laboratory.results r JOIN laboratory.samples s USING (barcode) JOIN laboratory.orders o USING (order_id) GROUP BY r.test_code, date_trunc('week', r.measured_at);
COMMENT ON MATERIALIZED VIEW reporting.turnaround IS 'From the order to the released result, by test and week.';

ALTER TABLE registry.patients ENABLE ROW LEVEL SECURITY;
CREATE POLICY protected_patients ON registry.patients FOR SELECT USING (NOT is_protected OR pg_has_role('pg_read_all_data', 'member'));
COMMENT ON POLICY protected_patients ON registry.patients IS 'Protected patients are seen by a few only.';
