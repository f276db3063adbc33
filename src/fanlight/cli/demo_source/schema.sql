-- The types, tables, keys, indexes and comments of Harbour Goods. Loads into an empty database, version 15 or later.

CREATE SCHEMA people;
CREATE SCHEMA finance;
CREATE SCHEMA catalog;
CREATE SCHEMA warehouse;
CREATE SCHEMA sales;
CREATE SCHEMA logistics;
CREATE SCHEMA marketing;
CREATE SCHEMA analytics;
CREATE SCHEMA legacy;

COMMENT ON SCHEMA people IS 'Staff, positions and time off. Owned by Human Resources.';
COMMENT ON SCHEMA finance IS 'Ledger, invoices and exchange rates. Closed periods do not change.';
COMMENT ON SCHEMA catalog IS 'What we sell: products, variants, prices and who supplies them.';
COMMENT ON SCHEMA warehouse IS 'Where goods lie, what moved, and what is on order from suppliers.';
COMMENT ON SCHEMA sales IS 'Customers and their orders, from every channel.';
COMMENT ON SCHEMA logistics IS 'Carriers, shipments and what happened to each parcel.';
COMMENT ON SCHEMA marketing IS 'Campaigns, consent and visits to the web shop.';
COMMENT ON SCHEMA analytics IS 'Derived figures for dashboards. Rebuilt every night, never edited by hand.';
COMMENT ON SCHEMA legacy IS 'Tables of the German system that was switched off in 2019. Kept for warranty claims.';

-- ---------------------------------------------------------------- types

CREATE DOMAIN finance.currency_code AS char(3) CONSTRAINT currency_code_shape CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN finance.country_code AS char(2) CONSTRAINT country_code_shape CHECK (VALUE ~ '^[A-Z]{2}$');
CREATE DOMAIN finance.percentage AS numeric(5, 2) CONSTRAINT percentage_range CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN catalog.gtin AS text CONSTRAINT gtin_digits CHECK (VALUE ~ '^[0-9]{8,14}$');
CREATE DOMAIN sales.email_address AS text CONSTRAINT email_address_has_at CHECK (position('@' IN VALUE) > 1);

COMMENT ON DOMAIN finance.currency_code IS 'ISO 4217 alphabetic code.';
COMMENT ON DOMAIN finance.country_code IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON DOMAIN catalog.gtin IS 'Global Trade Item Number, 8 to 14 digits, as printed under the bar code.';
COMMENT ON DOMAIN sales.email_address IS 'An address as typed. Deliverability is checked elsewhere.';

CREATE TYPE people.absence_kind AS ENUM ('holiday', 'sickness', 'parental', 'training', 'unpaid');
CREATE TYPE people.employment_type AS ENUM ('permanent', 'fixed_term', 'apprentice', 'agency');
CREATE TYPE finance.account_kind AS ENUM ('asset', 'liability', 'equity', 'income', 'expense');
CREATE TYPE finance.invoice_state AS ENUM ('draft', 'issued', 'paid', 'overdue', 'written_off');
CREATE TYPE catalog.product_status AS ENUM ('draft', 'active', 'phasing_out', 'discontinued');
CREATE TYPE warehouse.movement_kind AS ENUM ('receipt', 'pick', 'transfer', 'adjustment', 'return', 'scrap');
CREATE TYPE warehouse.dimensions AS (length_mm integer, width_mm integer, height_mm integer);
CREATE TYPE sales.order_state AS ENUM ('placed', 'paid', 'picked', 'shipped', 'delivered', 'cancelled');
CREATE TYPE sales.payment_method AS ENUM ('card', 'bank_transfer', 'invoice', 'wallet', 'gift_card');
CREATE TYPE logistics.shipment_state AS ENUM ('planned', 'handed_over', 'in_transit', 'delivered', 'lost');
CREATE TYPE marketing.consent_purpose AS ENUM ('newsletter', 'profiling', 'postal_mail', 'sms');

COMMENT ON TYPE sales.order_state IS 'The life of an order. Cancelled is possible until it has shipped.';
COMMENT ON TYPE warehouse.movement_kind IS 'Why the quantity in a bin changed.';

-- ---------------------------------------------------------------- people

CREATE TABLE people.work_sites (
    site_code text PRIMARY KEY,
    name text NOT NULL,
    country finance.country_code NOT NULL,
    city text NOT NULL,
    time_zone text NOT NULL DEFAULT 'Europe/Amsterdam',
    position_lon_lat point,
    opened_on date
);
COMMENT ON TABLE people.work_sites IS 'Offices and warehouses where people are employed.';
COMMENT ON COLUMN people.work_sites.site_code IS 'Three letters, as on the door badge.';
COMMENT ON COLUMN people.work_sites.time_zone IS 'IANA name. Shift times are local to it.';
COMMENT ON COLUMN people.work_sites.position_lon_lat IS 'Longitude first, then latitude, in degrees.';
COMMENT ON COLUMN people.work_sites.country IS 'Decides which public holidays apply.';

CREATE TABLE people.departments (
    department_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id integer REFERENCES people.departments,
    name text NOT NULL UNIQUE,
    cost_centre_code text,
    head_employee_id bigint
);
COMMENT ON TABLE people.departments IS 'The organisation chart, one row per department.';
COMMENT ON COLUMN people.departments.parent_id IS 'The department above. Null for the management board.';
COMMENT ON COLUMN people.departments.head_employee_id IS 'Who leads it. Null while the post is vacant.';
COMMENT ON COLUMN people.departments.cost_centre_code IS 'Where its costs are booked by default.';

CREATE TABLE people.positions (
    position_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    grade smallint NOT NULL CHECK (grade BETWEEN 1 AND 14),
    salary_range_eur int4range NOT NULL,
    is_people_manager boolean NOT NULL DEFAULT false,
    UNIQUE (title, grade)
);
COMMENT ON TABLE people.positions IS 'Job titles with their grade and pay range.';
COMMENT ON COLUMN people.positions.grade IS '1 is the entry grade, 14 the board.';
COMMENT ON COLUMN people.positions.salary_range_eur IS 'Gross yearly pay in euros for full time.';
COMMENT ON COLUMN people.positions.is_people_manager IS 'Whether the position approves time off of others.';

CREATE TABLE people.employees (
    employee_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    personnel_number char(7) NOT NULL UNIQUE,
    first_name text NOT NULL,
    last_name text NOT NULL,
    full_name text GENERATED ALWAYS AS (first_name || ' ' || last_name) STORED,
    work_email sales.email_address NOT NULL,
    department_id integer NOT NULL REFERENCES people.departments,
    position_id integer NOT NULL REFERENCES people.positions,
    manager_id bigint REFERENCES people.employees ON DELETE SET NULL,
    site_code text NOT NULL REFERENCES people.work_sites ON UPDATE CASCADE,
    hired_on date NOT NULL,
    left_on date,
    bank_iban text,
    photo bytea,
    CONSTRAINT employees_leave_after_hire CHECK (left_on IS NULL OR left_on >= hired_on)
);
CREATE UNIQUE INDEX employees_work_email_key ON people.employees (lower(work_email));
CREATE INDEX employees_current_by_department ON people.employees (department_id, last_name) WHERE left_on IS NULL;
COMMENT ON TABLE people.employees IS 'Everyone who works or has worked for Harbour Goods.';
COMMENT ON COLUMN people.employees.personnel_number IS 'Given at hiring and never reused.';
COMMENT ON COLUMN people.employees.manager_id IS 'The direct superior. Null for the managing director.';
COMMENT ON COLUMN people.employees.left_on IS 'Last day of work. Null for current staff.';
COMMENT ON COLUMN people.employees.bank_iban IS 'Where the salary goes. Visible to payroll only.';
COMMENT ON COLUMN people.employees.photo IS 'JPEG for the badge, at most 200 kB.';
COMMENT ON COLUMN people.employees.full_name IS 'First and last name, for lists.';
COMMENT ON COLUMN people.employees.work_email IS 'Given by us. Unique whatever the case of its letters.';
COMMENT ON COLUMN people.employees.hired_on IS 'First day of work. A rehired person keeps the first date.';
ALTER TABLE people.departments ADD CONSTRAINT departments_head_fkey
    FOREIGN KEY (head_employee_id) REFERENCES people.employees ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE people.employment_contracts (
    employee_id bigint NOT NULL REFERENCES people.employees ON DELETE CASCADE,
    valid_from date NOT NULL,
    valid_to date,
    employment_type people.employment_type NOT NULL DEFAULT 'permanent',
    weekly_hours numeric(4, 1) NOT NULL CHECK (weekly_hours > 0 AND weekly_hours <= 48),
    yearly_gross_eur numeric(10, 2) NOT NULL,
    notice_period interval NOT NULL DEFAULT '1 mon',
    PRIMARY KEY (employee_id, valid_from)
);
COMMENT ON TABLE people.employment_contracts IS 'Terms of employment over time. The newest row of an employee applies.';
COMMENT ON COLUMN people.employment_contracts.valid_to IS 'Last day, included. Null for an open end.';
COMMENT ON COLUMN people.employment_contracts.yearly_gross_eur IS 'Agreed pay at the agreed hours, without bonus.';
COMMENT ON COLUMN people.employment_contracts.weekly_hours IS 'Agreed hours. 38 is full time.';
COMMENT ON COLUMN people.employment_contracts.notice_period IS 'For both sides, from the end of a month.';

CREATE TABLE people.absences (
    absence_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee_id bigint NOT NULL REFERENCES people.employees ON DELETE CASCADE,
    kind people.absence_kind NOT NULL,
    days daterange NOT NULL CHECK (NOT isempty(days)),
    approved_by bigint REFERENCES people.employees,
    requested_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX absences_days ON people.absences USING gist (days);
COMMENT ON TABLE people.absences IS 'Time off, requested and approved. Reasons of sickness are not kept.';
COMMENT ON COLUMN people.absences.days IS 'First day included, last day excluded.';
COMMENT ON COLUMN people.absences.approved_by IS 'Null until the manager has decided.';
COMMENT ON COLUMN people.absences.kind IS 'Why. Sickness needs no approval.';

CREATE TABLE people.shift_patterns (
    site_code text NOT NULL REFERENCES people.work_sites ON UPDATE CASCADE,
    pattern_code text NOT NULL,
    starts_at time NOT NULL,
    ends_at time NOT NULL,
    weekdays smallint[] NOT NULL,
    PRIMARY KEY (site_code, pattern_code)
);
COMMENT ON TABLE people.shift_patterns IS 'Recurring shifts of a site. A shift may end after midnight.';
COMMENT ON COLUMN people.shift_patterns.weekdays IS 'ISO weekdays on which it runs, 1 is Monday.';
COMMENT ON COLUMN people.shift_patterns.ends_at IS 'Earlier than the start when the shift passes midnight.';

-- ---------------------------------------------------------------- finance

CREATE TABLE finance.currencies (
    currency char(3) PRIMARY KEY,
    name text NOT NULL,
    minor_digits smallint NOT NULL DEFAULT 2,
    is_trading boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE finance.currencies IS 'Currencies in which we quote or settle.';
COMMENT ON COLUMN finance.currencies.minor_digits IS 'Decimal places of the minor unit: 2 for EUR, 0 for JPY.';
COMMENT ON COLUMN finance.currencies.is_trading IS 'Whether prices may be quoted in it.';

CREATE TABLE finance.exchange_rates (
    base_currency char(3) NOT NULL REFERENCES finance.currencies,
    quote_currency char(3) NOT NULL REFERENCES finance.currencies,
    rate_on date NOT NULL,
    rate numeric(18, 8) NOT NULL CHECK (rate > 0),
    source text NOT NULL DEFAULT 'ECB',
    PRIMARY KEY (base_currency, quote_currency, rate_on),
    CHECK (base_currency <> quote_currency)
);
COMMENT ON TABLE finance.exchange_rates IS 'Daily reference rates. Weekends repeat the rate of Friday.';
COMMENT ON COLUMN finance.exchange_rates.rate IS 'How much of the quote currency one unit of the base currency buys.';
COMMENT ON COLUMN finance.exchange_rates.source IS 'Who published the rate.';
COMMENT ON COLUMN finance.exchange_rates.rate_on IS 'The day of publication in Frankfurt.';

CREATE TABLE finance.fiscal_periods (
    period_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    days daterange NOT NULL,
    closed_at timestamptz,
    CONSTRAINT fiscal_periods_no_overlap EXCLUDE USING gist (days WITH &&)
);
COMMENT ON TABLE finance.fiscal_periods IS 'Bookkeeping months. They may not overlap.';
COMMENT ON COLUMN finance.fiscal_periods.closed_at IS 'After this moment no entry may be added. Null while open.';
COMMENT ON COLUMN finance.fiscal_periods.days IS 'First day included, last day excluded.';

CREATE TABLE finance.accounts (
    account_number text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    kind finance.account_kind NOT NULL,
    parent_number text REFERENCES finance.accounts,
    is_reconciled boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE finance.accounts IS 'The chart of accounts.';
COMMENT ON COLUMN finance.accounts.account_number IS 'Four digits. The first one follows the kind.';
COMMENT ON COLUMN finance.accounts.is_reconciled IS 'Whether it is matched against a bank or supplier statement each month.';
COMMENT ON COLUMN finance.accounts.parent_number IS 'The account into which this one is summed up.';

CREATE TABLE finance.cost_centres (
    cost_centre_code text PRIMARY KEY,
    name text NOT NULL,
    department_id integer REFERENCES people.departments,
    yearly_budget_eur numeric(14, 2)
);
COMMENT ON TABLE finance.cost_centres IS 'Where costs are attributed. Most belong to one department.';
COMMENT ON COLUMN finance.cost_centres.yearly_budget_eur IS 'Approved for the calendar year. Null where there is none.';
ALTER TABLE people.departments ADD CONSTRAINT departments_cost_centre_fkey
    FOREIGN KEY (cost_centre_code) REFERENCES finance.cost_centres;

CREATE TABLE finance.tax_rates (
    country finance.country_code NOT NULL,
    tax_class text NOT NULL,
    valid_from date NOT NULL,
    rate finance.percentage NOT NULL,
    PRIMARY KEY (country, tax_class, valid_from)
);
COMMENT ON TABLE finance.tax_rates IS 'Value added tax by country and class of goods.';
COMMENT ON COLUMN finance.tax_rates.tax_class IS 'standard, reduced or zero.';
COMMENT ON COLUMN finance.tax_rates.rate IS 'Per cent of the net price.';
COMMENT ON COLUMN finance.tax_rates.valid_from IS 'The rate holds until a newer row begins.';

CREATE TABLE finance.journal_entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period_id integer NOT NULL REFERENCES finance.fiscal_periods,
    booked_on date NOT NULL,
    description text NOT NULL,
    source_document text,
    booked_by bigint REFERENCES people.employees ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX journal_entries_booked_on ON finance.journal_entries USING brin (booked_on);
COMMENT ON TABLE finance.journal_entries IS 'One booking each. Its lines add up to zero.';
COMMENT ON COLUMN finance.journal_entries.source_document IS 'Number of the invoice, payment or receipt behind it.';
COMMENT ON COLUMN finance.journal_entries.period_id IS 'Must be open when the entry is made.';
COMMENT ON COLUMN finance.journal_entries.booked_on IS 'The date that counts for the period, not the date of typing.';
COMMENT ON COLUMN finance.journal_entries.booked_by IS 'Null for bookings made by the nightly run.';

CREATE TABLE finance.journal_lines (
    entry_id bigint NOT NULL REFERENCES finance.journal_entries ON DELETE CASCADE,
    line_number smallint NOT NULL,
    account_number text NOT NULL REFERENCES finance.accounts,
    cost_centre_code text REFERENCES finance.cost_centres,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency char(3) NOT NULL DEFAULT 'EUR',
    memo text,
    PRIMARY KEY (entry_id, line_number)
);
CREATE INDEX journal_lines_account ON finance.journal_lines (account_number) INCLUDE (amount_minor, currency);
COMMENT ON TABLE finance.journal_lines IS 'Debits and credits of a journal entry.';
COMMENT ON COLUMN finance.journal_lines.amount_minor IS 'Debits are positive, credits negative, in minor units.';
COMMENT ON COLUMN finance.journal_lines.cost_centre_code IS 'Only on income and expense accounts.';
COMMENT ON COLUMN finance.journal_lines.currency IS 'The currency of the document, before conversion.';
COMMENT ON COLUMN finance.journal_lines.memo IS 'A note for the auditor.';

CREATE TABLE finance.bank_transactions (
    transaction_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    bank_account text NOT NULL,
    value_on date NOT NULL,
    amount_minor bigint NOT NULL,
    currency finance.currency_code NOT NULL DEFAULT 'EUR',
    counterparty_name text,
    counterparty_iban text,
    purpose text,
    matched_entry_id bigint REFERENCES finance.journal_entries ON DELETE SET NULL,
    imported_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bank_transactions_unmatched ON finance.bank_transactions (value_on) WHERE matched_entry_id IS NULL;
COMMENT ON TABLE finance.bank_transactions IS 'Lines of the bank statements, imported each morning.';
COMMENT ON COLUMN finance.bank_transactions.counterparty_iban IS 'As the bank reports it. Missing for card settlements.';
COMMENT ON COLUMN finance.bank_transactions.matched_entry_id IS 'The booking it was reconciled with. Null while open.';
COMMENT ON COLUMN finance.bank_transactions.purpose IS 'Free text of the payer. May hold personal data.';
COMMENT ON COLUMN finance.bank_transactions.value_on IS 'The day on which the bank counts the money.';
COMMENT ON COLUMN finance.bank_transactions.amount_minor IS 'Money in is positive, money out is negative.';
COMMENT ON COLUMN finance.bank_transactions.bank_account IS 'Our short name for the account, not its IBAN.';

-- ---------------------------------------------------------------- catalog

CREATE TABLE catalog.brands (
    brand_id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    website text,
    country_of_origin finance.country_code
);
COMMENT ON TABLE catalog.brands IS 'Brands under which products are sold, our own ones included.';
COMMENT ON COLUMN catalog.brands.country_of_origin IS 'Where the brand is registered, not where goods are made.';

CREATE TABLE catalog.categories (
    category_id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    parent_id integer REFERENCES catalog.categories ON DELETE RESTRICT,
    slug text NOT NULL,
    name text NOT NULL,
    path text NOT NULL,
    sort_order integer NOT NULL DEFAULT 0,
    is_visible boolean NOT NULL DEFAULT true,
    UNIQUE NULLS NOT DISTINCT (parent_id, slug)
);
CREATE INDEX categories_path_prefix ON catalog.categories (path text_pattern_ops);
COMMENT ON TABLE catalog.categories IS 'The tree of the web shop navigation.';
COMMENT ON COLUMN catalog.categories.slug IS 'Part of the address of the page. Unique below one parent.';
COMMENT ON COLUMN catalog.categories.path IS 'Slugs from the root down, joined by slashes.';
COMMENT ON COLUMN catalog.categories.is_visible IS 'Hidden categories keep their products in search.';
COMMENT ON COLUMN catalog.categories.name IS 'Shown in the navigation.';
COMMENT ON COLUMN catalog.categories.sort_order IS 'Order among siblings, lowest first.';

CREATE TABLE catalog.products (
    product_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    description text,
    brand_id integer REFERENCES catalog.brands ON DELETE SET NULL,
    category_id integer NOT NULL REFERENCES catalog.categories,
    status catalog.product_status NOT NULL DEFAULT 'draft',
    tax_class text NOT NULL DEFAULT 'standard',
    hs_code varchar(10),
    warranty interval,
    keywords text[] NOT NULL DEFAULT '{}',
    specifications jsonb NOT NULL DEFAULT '{}',
    search_text tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', coalesce(description, '')), 'B')
    ) STORED,
    buyer_id bigint REFERENCES people.employees ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX products_search ON catalog.products USING gin (search_text);
CREATE INDEX products_specifications ON catalog.products USING gin (specifications jsonb_path_ops);
CREATE INDEX products_active_by_category ON catalog.products (category_id, name) WHERE status = 'active';
COMMENT ON TABLE catalog.products IS 'A product as customers know it. What is stocked and priced are its variants.';
COMMENT ON COLUMN catalog.products.product_code IS 'Our article code, printed in the trade catalogue.';
COMMENT ON COLUMN catalog.products.status IS 'Only active and phasing-out products can be ordered.';
COMMENT ON COLUMN catalog.products.hs_code IS 'Harmonized System code for customs.';
COMMENT ON COLUMN catalog.products.warranty IS 'What we grant beyond the statutory warranty.';
COMMENT ON COLUMN catalog.products.specifications IS 'Technical data by name, with units in the name.';
COMMENT ON COLUMN catalog.products.search_text IS 'Words of the name and description, for the shop search.';
COMMENT ON COLUMN catalog.products.buyer_id IS 'The employee who negotiates with the suppliers.';
COMMENT ON COLUMN catalog.products.name IS 'English name, at most eight words.';
COMMENT ON COLUMN catalog.products.category_id IS 'The main category. The page is shown below it.';
COMMENT ON COLUMN catalog.products.tax_class IS 'Together with the country it decides the tax rate.';
COMMENT ON COLUMN catalog.products.keywords IS 'Further words by which customers search.';
COMMENT ON COLUMN catalog.products.description IS 'Plain text, without markup.';

CREATE TABLE catalog.product_variants (
    variant_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    product_id bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
    sku text COLLATE "C" NOT NULL UNIQUE,
    gtin catalog.gtin,
    colour text,
    size_label text,
    weight_g integer CHECK (weight_g > 0),
    packed_size warehouse.dimensions,
    units_per_carton smallint NOT NULL DEFAULT 1,
    is_hazardous boolean NOT NULL DEFAULT false,
    UNIQUE NULLS NOT DISTINCT (product_id, colour, size_label)
);
CREATE UNIQUE INDEX product_variants_gtin_key ON catalog.product_variants (gtin) WHERE gtin IS NOT NULL;
COMMENT ON TABLE catalog.product_variants IS 'The unit that is stocked, priced and sold.';
COMMENT ON COLUMN catalog.product_variants.sku IS 'Stock keeping unit: product code, colour and size.';
COMMENT ON COLUMN catalog.product_variants.gtin IS 'Missing for own brands that are sold only by us.';
COMMENT ON COLUMN catalog.product_variants.weight_g IS 'Gross weight with packaging.';
COMMENT ON COLUMN catalog.product_variants.is_hazardous IS 'Needs a dangerous goods label and may not fly.';
COMMENT ON COLUMN catalog.product_variants.colour IS 'As the customer sees it. Null where there is no choice.';
COMMENT ON COLUMN catalog.product_variants.packed_size IS 'Outer size of the packed unit.';
COMMENT ON COLUMN catalog.product_variants.units_per_carton IS 'How many units the supplier packs together.';

CREATE TABLE catalog.product_translations (
    product_id bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
    language char(2) NOT NULL,
    name text NOT NULL,
    description text,
    translated_by text,
    PRIMARY KEY (product_id, language)
);
COMMENT ON TABLE catalog.product_translations IS 'Names and descriptions in languages other than English.';
COMMENT ON COLUMN catalog.product_translations.language IS 'ISO 639-1.';
COMMENT ON COLUMN catalog.product_translations.translated_by IS 'agency, machine, or the name of a colleague.';

CREATE TABLE catalog.product_images (
    image_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    product_id bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
    object_key text NOT NULL,
    width_px integer,
    height_px integer,
    alt_text text,
    sort_order smallint NOT NULL DEFAULT 0
);
CREATE INDEX product_images_product ON catalog.product_images (product_id, sort_order);
COMMENT ON COLUMN catalog.product_images.object_key IS 'Where the original lies in the object store.';
COMMENT ON COLUMN catalog.product_images.alt_text IS 'For people who cannot see the picture.';
COMMENT ON COLUMN catalog.product_images.sort_order IS 'The lowest is the main picture.';

CREATE TABLE catalog.price_lists (
    price_list_code text PRIMARY KEY,
    name text NOT NULL,
    currency char(3) NOT NULL REFERENCES finance.currencies,
    includes_tax boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE catalog.price_lists IS 'Retail and trade price lists. A customer is on exactly one.';
COMMENT ON COLUMN catalog.price_lists.includes_tax IS 'Retail prices include tax, trade prices do not.';
COMMENT ON COLUMN catalog.price_lists.currency IS 'All prices of the list are in it.';

CREATE TABLE catalog.prices (
    price_list_code text NOT NULL REFERENCES catalog.price_lists,
    variant_id bigint NOT NULL REFERENCES catalog.product_variants ON DELETE CASCADE,
    valid_from date NOT NULL,
    minimum_quantity integer NOT NULL DEFAULT 1 CHECK (minimum_quantity >= 1),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    set_by bigint REFERENCES people.employees ON DELETE SET NULL,
    PRIMARY KEY (price_list_code, variant_id, valid_from, minimum_quantity)
);
CREATE INDEX prices_variant_newest ON catalog.prices (variant_id, valid_from DESC) INCLUDE (amount_minor);
COMMENT ON TABLE catalog.prices IS 'Prices over time. The newest one that is not in the future applies.';
COMMENT ON COLUMN catalog.prices.minimum_quantity IS 'The price holds from this quantity up.';
COMMENT ON COLUMN catalog.prices.amount_minor IS 'Price of one unit in minor units of the list''s currency.';
COMMENT ON COLUMN catalog.prices.valid_from IS 'The day from which the price applies, at midnight in Rotterdam.';
COMMENT ON COLUMN catalog.prices.set_by IS 'The buyer who approved the price.';

CREATE TABLE catalog.suppliers (
    supplier_id integer GENERATED BY DEFAULT AS IDENTITY (START WITH 1000) PRIMARY KEY,
    name text NOT NULL,
    country finance.country_code NOT NULL,
    vat_number text,
    payment_terms_days smallint NOT NULL DEFAULT 30,
    contact_email sales.email_address,
    rating numeric(2, 1) CHECK (rating BETWEEN 0 AND 5),
    blocked_since date
);
CREATE INDEX suppliers_name_lower ON catalog.suppliers (lower(name));
COMMENT ON TABLE catalog.suppliers IS 'Companies from which we buy goods for sale.';
COMMENT ON COLUMN catalog.suppliers.payment_terms_days IS 'Days from the invoice date until payment is due.';
COMMENT ON COLUMN catalog.suppliers.rating IS 'Average of the last four quarterly reviews.';
COMMENT ON COLUMN catalog.suppliers.blocked_since IS 'Set when purchasing stopped ordering. Null otherwise.';
COMMENT ON COLUMN catalog.suppliers.name IS 'Registered company name.';
COMMENT ON COLUMN catalog.suppliers.vat_number IS 'Country prefix included.';
COMMENT ON COLUMN catalog.suppliers.contact_email IS 'Where purchase orders are sent.';

CREATE TABLE catalog.supplier_offers (
    supplier_id integer NOT NULL REFERENCES catalog.suppliers,
    variant_id bigint NOT NULL REFERENCES catalog.product_variants ON DELETE CASCADE,
    supplier_sku text,
    cost_minor bigint NOT NULL,
    currency char(3) NOT NULL REFERENCES finance.currencies,
    lead_time_days smallint NOT NULL DEFAULT 21,
    is_preferred boolean NOT NULL DEFAULT false,
    PRIMARY KEY (supplier_id, variant_id)
);
CREATE UNIQUE INDEX supplier_offers_one_preferred ON catalog.supplier_offers (variant_id) WHERE is_preferred;
COMMENT ON TABLE catalog.supplier_offers IS 'Which supplier delivers which variant, at what cost and how fast.';
COMMENT ON COLUMN catalog.supplier_offers.cost_minor IS 'Cost of one unit, without freight and duty.';
COMMENT ON COLUMN catalog.supplier_offers.is_preferred IS 'At most one preferred supplier for each variant.';
COMMENT ON COLUMN catalog.supplier_offers.supplier_sku IS 'The supplier''s own article number, needed on orders.';
COMMENT ON COLUMN catalog.supplier_offers.lead_time_days IS 'From the order to arrival at our dock, in calendar days.';

-- ---------------------------------------------------------------- warehouse

CREATE TABLE warehouse.warehouses (
    warehouse_id smallint PRIMARY KEY,
    site_code text NOT NULL UNIQUE REFERENCES people.work_sites ON UPDATE CASCADE,
    name text NOT NULL,
    floor_area_m2 integer,
    is_bonded boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE warehouse.warehouses IS 'Buildings in which goods for sale are stored.';
COMMENT ON COLUMN warehouse.warehouses.is_bonded IS 'Holds goods on which import duty is not yet paid.';
COMMENT ON COLUMN warehouse.warehouses.floor_area_m2 IS 'Storage area without offices.';

CREATE TABLE warehouse.zones (
    warehouse_id smallint NOT NULL REFERENCES warehouse.warehouses,
    zone_code char(2) NOT NULL,
    purpose text NOT NULL,
    temperature_c numrange,
    PRIMARY KEY (warehouse_id, zone_code)
);
COMMENT ON TABLE warehouse.zones IS 'Areas of a warehouse: receiving, bulk, picking, returns.';
COMMENT ON COLUMN warehouse.zones.temperature_c IS 'Permitted range. Null where it is not controlled.';
COMMENT ON COLUMN warehouse.zones.purpose IS 'What is done there.';

CREATE TABLE warehouse.bins (
    warehouse_id smallint NOT NULL,
    zone_code char(2) NOT NULL,
    bin_code text COLLATE "C" NOT NULL,
    capacity_l numeric(8, 1),
    max_weight_kg numeric(7, 2),
    is_blocked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (warehouse_id, bin_code),
    FOREIGN KEY (warehouse_id, zone_code) REFERENCES warehouse.zones MATCH FULL ON DELETE CASCADE
);
COMMENT ON TABLE warehouse.bins IS 'The smallest place that has a label. One bin may hold several variants.';
COMMENT ON COLUMN warehouse.bins.bin_code IS 'Aisle, rack, shelf and place, as on the label.';
COMMENT ON COLUMN warehouse.bins.is_blocked IS 'Nothing may be put there until an inspection.';
COMMENT ON COLUMN warehouse.bins.capacity_l IS 'Usable volume in litres.';
COMMENT ON COLUMN warehouse.bins.max_weight_kg IS 'Limit of the shelf, as on its plate.';

CREATE TABLE warehouse.stock_levels (
    warehouse_id smallint NOT NULL,
    bin_code text NOT NULL,
    variant_id bigint NOT NULL REFERENCES catalog.product_variants,
    on_hand integer NOT NULL DEFAULT 0 CHECK (on_hand >= 0),
    reserved integer NOT NULL DEFAULT 0,
    available integer GENERATED ALWAYS AS (on_hand - reserved) STORED,
    counted_at timestamptz,
    PRIMARY KEY (warehouse_id, bin_code, variant_id),
    FOREIGN KEY (warehouse_id, bin_code) REFERENCES warehouse.bins,
    CONSTRAINT stock_levels_reserved_within CHECK (reserved BETWEEN 0 AND on_hand)
);
CREATE INDEX stock_levels_variant ON warehouse.stock_levels (variant_id) INCLUDE (on_hand, reserved);
COMMENT ON TABLE warehouse.stock_levels IS 'What lies where now. Changed only together with a stock movement.';
COMMENT ON COLUMN warehouse.stock_levels.on_hand IS 'Units physically in the bin.';
COMMENT ON COLUMN warehouse.stock_levels.reserved IS 'Units promised to orders that are not yet picked.';
COMMENT ON COLUMN warehouse.stock_levels.available IS 'Units that may still be sold.';
COMMENT ON COLUMN warehouse.stock_levels.counted_at IS 'Last time the bin was counted for this variant.';

CREATE TABLE warehouse.stock_movements (
    movement_id bigint GENERATED ALWAYS AS IDENTITY,
    moved_at timestamptz NOT NULL,
    warehouse_id smallint NOT NULL REFERENCES warehouse.warehouses,
    variant_id bigint NOT NULL,
    kind warehouse.movement_kind NOT NULL,
    quantity integer NOT NULL CHECK (quantity <> 0),
    from_bin text,
    to_bin text,
    reference text,
    employee_id bigint,
    PRIMARY KEY (movement_id, moved_at)
) PARTITION BY RANGE (moved_at);
CREATE TABLE warehouse.stock_movements_2026q1 PARTITION OF warehouse.stock_movements
    FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2026-04-01 00:00+00');
CREATE TABLE warehouse.stock_movements_2026q2 PARTITION OF warehouse.stock_movements
    FOR VALUES FROM ('2026-04-01 00:00+00') TO ('2026-07-01 00:00+00');
CREATE TABLE warehouse.stock_movements_2026q3 PARTITION OF warehouse.stock_movements
    FOR VALUES FROM ('2026-07-01 00:00+00') TO ('2026-10-01 00:00+00');
CREATE TABLE warehouse.stock_movements_2026q4 PARTITION OF warehouse.stock_movements
    FOR VALUES FROM ('2026-10-01 00:00+00') TO ('2027-01-01 00:00+00');
CREATE TABLE warehouse.stock_movements_other PARTITION OF warehouse.stock_movements DEFAULT;
CREATE INDEX stock_movements_variant ON warehouse.stock_movements (variant_id, moved_at DESC);
COMMENT ON TABLE warehouse.stock_movements IS 'Every change of a quantity, by quarter. Rows are never updated.';
COMMENT ON COLUMN warehouse.stock_movements.quantity IS 'Positive into the warehouse, negative out of it.';
COMMENT ON COLUMN warehouse.stock_movements.reference IS 'Order, receipt or count that caused it.';
COMMENT ON COLUMN warehouse.stock_movements.employee_id IS 'Who scanned it. Null for the conveyor.';
COMMENT ON COLUMN warehouse.stock_movements.moved_at IS 'When it was scanned, in UTC.';
COMMENT ON COLUMN warehouse.stock_movements.from_bin IS 'Null for receipts.';
COMMENT ON COLUMN warehouse.stock_movements.to_bin IS 'Null for goods that leave the building.';
COMMENT ON TABLE warehouse.stock_movements_other IS 'Late or wrong dates land here. Should stay empty.';

CREATE TABLE warehouse.purchase_orders (
    purchase_order_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    supplier_id integer NOT NULL REFERENCES catalog.suppliers,
    warehouse_id smallint NOT NULL REFERENCES warehouse.warehouses,
    ordered_on date NOT NULL,
    expected_on date,
    currency char(3) NOT NULL REFERENCES finance.currencies,
    incoterm varchar(3) NOT NULL DEFAULT 'FCA',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'received', 'cancelled')),
    buyer_id bigint REFERENCES people.employees ON DELETE SET NULL,
    notes text
);
CREATE INDEX purchase_orders_expected ON warehouse.purchase_orders (expected_on) WHERE state IN ('open', 'confirmed');
COMMENT ON TABLE warehouse.purchase_orders IS 'Orders that we place with suppliers.';
COMMENT ON COLUMN warehouse.purchase_orders.expected_on IS 'Confirmed delivery date. Null until the supplier answers.';
COMMENT ON COLUMN warehouse.purchase_orders.incoterm IS 'Who bears transport and risk, Incoterms 2020.';
COMMENT ON COLUMN warehouse.purchase_orders.ordered_on IS 'The day on which the order was sent.';
COMMENT ON COLUMN warehouse.purchase_orders.currency IS 'What the supplier invoices in.';
COMMENT ON COLUMN warehouse.purchase_orders.state IS 'open, confirmed, received or cancelled.';

CREATE TABLE warehouse.purchase_order_lines (
    purchase_order_id bigint NOT NULL REFERENCES warehouse.purchase_orders ON DELETE CASCADE,
    line_number smallint NOT NULL,
    variant_id bigint NOT NULL REFERENCES catalog.product_variants,
    quantity integer NOT NULL CHECK (quantity > 0),
    unit_cost_minor bigint NOT NULL,
    received_quantity integer NOT NULL DEFAULT 0,
    open_quantity integer GENERATED ALWAYS AS (greatest(quantity - received_quantity, 0)) STORED,
    PRIMARY KEY (purchase_order_id, line_number)
);
COMMENT ON TABLE warehouse.purchase_order_lines IS 'Variants and quantities of a purchase order.';
COMMENT ON COLUMN warehouse.purchase_order_lines.received_quantity IS 'Counted at the dock so far.';
COMMENT ON COLUMN warehouse.purchase_order_lines.open_quantity IS 'Still to come. Zero when more arrived than ordered.';
COMMENT ON COLUMN warehouse.purchase_order_lines.unit_cost_minor IS 'Agreed cost of one unit in the currency of the order.';

CREATE TABLE warehouse.goods_receipts (
    receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_order_id bigint NOT NULL,
    line_number smallint NOT NULL,
    received_at timestamptz NOT NULL,
    quantity integer NOT NULL,
    damaged_quantity integer NOT NULL DEFAULT 0,
    received_by bigint REFERENCES people.employees,
    FOREIGN KEY (purchase_order_id, line_number) REFERENCES warehouse.purchase_order_lines,
    CHECK (damaged_quantity <= quantity)
);
COMMENT ON TABLE warehouse.goods_receipts IS 'Deliveries counted at the dock, one row per order line and delivery.';
COMMENT ON COLUMN warehouse.goods_receipts.damaged_quantity IS 'Part of the quantity that goes back to the supplier.';
COMMENT ON COLUMN warehouse.goods_receipts.quantity IS 'Units counted, damaged ones included.';

CREATE TABLE warehouse.stock_counts (
    count_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    warehouse_id smallint NOT NULL,
    bin_code text NOT NULL,
    variant_id bigint NOT NULL,
    counted_at timestamptz NOT NULL,
    expected integer NOT NULL,
    counted integer NOT NULL,
    difference integer GENERATED ALWAYS AS (counted - expected) STORED,
    FOREIGN KEY (warehouse_id, bin_code, variant_id) REFERENCES warehouse.stock_levels ON DELETE CASCADE
);
COMMENT ON TABLE warehouse.stock_counts IS 'Results of the rolling stock count.';
COMMENT ON COLUMN warehouse.stock_counts.difference IS 'Negative when goods are missing.';
COMMENT ON COLUMN warehouse.stock_counts.expected IS 'What the system said before the count.';
COMMENT ON COLUMN warehouse.stock_counts.counted IS 'What the person counted.';

-- ---------------------------------------------------------------- sales

CREATE TABLE sales.channels (
    channel_id smallint PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL,
    is_online boolean NOT NULL
);
COMMENT ON TABLE sales.channels IS 'Where orders come from: web shop, app, marketplaces, counters, field sales.';
COMMENT ON COLUMN sales.channels.code IS 'Short name in reports and addresses.';
COMMENT ON COLUMN sales.channels.is_online IS 'Whether the buyer orders without our staff.';

CREATE TABLE sales.customers (
    customer_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_number text COLLATE "C" NOT NULL UNIQUE,
    is_company boolean NOT NULL DEFAULT false,
    name text NOT NULL,
    email sales.email_address,
    phone text,
    vat_number text,
    price_list_code text NOT NULL REFERENCES catalog.price_lists ON UPDATE CASCADE,
    credit_limit_minor bigint NOT NULL DEFAULT 0 CHECK (credit_limit_minor >= 0),
    language char(2) NOT NULL DEFAULT 'en',
    account_manager_id bigint REFERENCES people.employees ON DELETE SET NULL,
    referred_by bigint REFERENCES sales.customers ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at timestamptz,
    CONSTRAINT customers_company_has_vat CHECK (NOT is_company OR vat_number IS NOT NULL) NOT VALID
);
CREATE UNIQUE INDEX customers_email_key ON sales.customers (lower(email)) WHERE erased_at IS NULL;
CREATE INDEX customers_name_prefix ON sales.customers (name text_pattern_ops);
COMMENT ON TABLE sales.customers IS 'People and companies that have an account with us.';
COMMENT ON COLUMN sales.customers.customer_number IS 'C and seven digits. Printed on invoices.';
COMMENT ON COLUMN sales.customers.email IS 'Sign-in name of the web shop. Null for counter accounts.';
COMMENT ON COLUMN sales.customers.vat_number IS 'Checked against VIES when entered. Older rows may lack it.';
COMMENT ON COLUMN sales.customers.credit_limit_minor IS 'In euro cents. Zero means payment in advance.';
COMMENT ON COLUMN sales.customers.account_manager_id IS 'Only for trade customers.';
COMMENT ON COLUMN sales.customers.erased_at IS 'When personal fields were blanked on request.';
COMMENT ON COLUMN sales.customers.customer_id IS 'Identifies a customer everywhere. Never shown to customers.';
COMMENT ON COLUMN sales.customers.is_company IS 'Trade customers buy on invoice and see net prices.';
COMMENT ON COLUMN sales.customers.name IS 'Name of the person or of the company.';
COMMENT ON COLUMN sales.customers.phone IS 'For questions about a delivery only.';
COMMENT ON COLUMN sales.customers.price_list_code IS 'The list from which the customer''s prices come.';
COMMENT ON COLUMN sales.customers.language IS 'ISO 639-1. Mails are written in it.';
COMMENT ON COLUMN sales.customers.referred_by IS 'The customer whose invitation was used.';

CREATE TABLE sales.addresses (
    address_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES sales.customers ON DELETE CASCADE,
    label text,
    recipient text NOT NULL,
    street text NOT NULL,
    postal_code text NOT NULL,
    city text NOT NULL,
    country finance.country_code NOT NULL,
    is_default boolean NOT NULL DEFAULT false
);
CREATE INDEX addresses_customer ON sales.addresses (customer_id);
CREATE UNIQUE INDEX addresses_one_default ON sales.addresses (customer_id) WHERE is_default;
COMMENT ON TABLE sales.addresses IS 'Delivery and billing addresses. Orders refer to them, so they are not edited.';
COMMENT ON COLUMN sales.addresses.label IS 'What the customer calls it, such as home or depot.';
COMMENT ON COLUMN sales.addresses.country IS 'Decides the tax rate of the delivery.';
COMMENT ON COLUMN sales.addresses.recipient IS 'Name on the parcel label.';
COMMENT ON COLUMN sales.addresses.postal_code IS 'As typed. The format depends on the country.';
COMMENT ON COLUMN sales.addresses.is_default IS 'At most one default for each customer.';

CREATE TABLE sales.customer_contacts (
    contact_id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES sales.customers ON DELETE CASCADE,
    name text NOT NULL,
    role text,
    email sales.email_address,
    phone text,
    notes text
);
COMMENT ON TABLE sales.customer_contacts IS 'People at a trade customer whom our staff may call.';
COMMENT ON COLUMN sales.customer_contacts.role IS 'What the person does there, such as purchasing.';
COMMENT ON COLUMN sales.customer_contacts.notes IS 'Agreements by phone. No judgements about people.';

CREATE TABLE sales.promotions (
    promo_code text PRIMARY KEY CHECK (promo_code = upper(promo_code)),
    title text NOT NULL,
    valid_during tstzrange NOT NULL,
    discount finance.percentage NOT NULL,
    usage_limit integer,
    category_ids integer[]
);
COMMENT ON TABLE sales.promotions IS 'Codes that customers type at the checkout.';
COMMENT ON COLUMN sales.promotions.discount IS 'Per cent off the goods, not off shipping.';
COMMENT ON COLUMN sales.promotions.category_ids IS 'Limits it to these categories. Null for the whole shop.';
COMMENT ON COLUMN sales.promotions.valid_during IS 'From the first to the last moment, in UTC.';
COMMENT ON COLUMN sales.promotions.usage_limit IS 'Orders that may use it. Null for no limit.';

CREATE TABLE sales.orders (
    order_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_number text COLLATE "C" NOT NULL UNIQUE,
    customer_id bigint REFERENCES sales.customers ON DELETE SET NULL,
    channel_id smallint NOT NULL REFERENCES sales.channels,
    placed_at timestamptz NOT NULL,
    state sales.order_state NOT NULL DEFAULT 'placed',
    email text,
    ship_to_name text,
    ship_to_address_id bigint REFERENCES sales.addresses,
    bill_to_address_id bigint REFERENCES sales.addresses,
    currency char(3) NOT NULL DEFAULT 'EUR' REFERENCES finance.currencies,
    subtotal_minor bigint NOT NULL DEFAULT 0,
    shipping_minor bigint NOT NULL DEFAULT 0,
    tax_minor bigint NOT NULL DEFAULT 0,
    discount_minor bigint NOT NULL DEFAULT 0,
    total_minor bigint GENERATED ALWAYS AS (subtotal_minor + shipping_minor + tax_minor - discount_minor) STORED,
    promo_code text REFERENCES sales.promotions,
    sales_rep_id bigint REFERENCES people.employees ON DELETE SET NULL,
    warehouse_id smallint REFERENCES warehouse.warehouses,
    gift_message varchar(280),
    is_test boolean NOT NULL DEFAULT false,
    attributes jsonb,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_amounts_not_negative CHECK (subtotal_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0)
);
CREATE INDEX orders_customer_newest ON sales.orders (customer_id, placed_at DESC);
CREATE INDEX orders_open ON sales.orders (placed_at) WHERE state IN ('placed', 'paid', 'picked');
CREATE INDEX orders_placed_day ON sales.orders (((placed_at AT TIME ZONE 'UTC')::date)) INCLUDE (total_minor);
COMMENT ON TABLE sales.orders IS 'One row per order, from every channel.';
COMMENT ON COLUMN sales.orders.order_id IS 'Identifies an order across all channels.';
COMMENT ON COLUMN sales.orders.order_number IS 'What the customer sees. The year, then a running number.';
COMMENT ON COLUMN sales.orders.customer_id IS 'The buyer. Null for a counter sale.';
COMMENT ON COLUMN sales.orders.placed_at IS 'When the buyer confirmed, in UTC.';
COMMENT ON COLUMN sales.orders.email IS 'Where the receipt went.';
COMMENT ON COLUMN sales.orders.currency IS 'ISO 4217.';
COMMENT ON COLUMN sales.orders.subtotal_minor IS 'Sum of the lines in minor units, before tax and discount.';
COMMENT ON COLUMN sales.orders.total_minor IS 'Total in minor units, tax included.';
COMMENT ON COLUMN sales.orders.state IS 'Where the order is in its life. Set by the order service only.';
COMMENT ON COLUMN sales.orders.warehouse_id IS 'From where it ships. Null until it is allocated.';
COMMENT ON COLUMN sales.orders.is_test IS 'Made by monitoring. Left out of every report.';
COMMENT ON COLUMN sales.orders.channel_id IS 'Where the order came from.';
COMMENT ON COLUMN sales.orders.shipping_minor IS 'What the buyer pays for delivery.';
COMMENT ON COLUMN sales.orders.tax_minor IS 'Tax on goods and shipping.';
COMMENT ON COLUMN sales.orders.discount_minor IS 'What the promotion took off.';

CREATE TABLE sales.order_lines (
    order_id bigint NOT NULL REFERENCES sales.orders ON DELETE CASCADE,
    line_number smallint NOT NULL,
    variant_id bigint NOT NULL REFERENCES catalog.product_variants,
    quantity integer NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint NOT NULL,
    discount_minor bigint NOT NULL DEFAULT 0,
    line_total_minor bigint GENERATED ALWAYS AS (quantity * unit_price_minor - discount_minor) STORED,
    tax_class text NOT NULL DEFAULT 'standard',
    note text,
    PRIMARY KEY (order_id, line_number)
);
CREATE INDEX order_lines_variant ON sales.order_lines (variant_id) INCLUDE (quantity, line_total_minor);
COMMENT ON TABLE sales.order_lines IS 'What was bought. Prices are copied, so later price changes do not touch them.';
COMMENT ON COLUMN sales.order_lines.line_number IS 'Counts from 1 within the order.';
COMMENT ON COLUMN sales.order_lines.unit_price_minor IS 'Price of one unit when the order was placed.';
COMMENT ON COLUMN sales.order_lines.line_total_minor IS 'Quantity times price, less the discount of this line.';
COMMENT ON COLUMN sales.order_lines.variant_id IS 'What was bought.';
COMMENT ON COLUMN sales.order_lines.quantity IS 'Units ordered, not units delivered.';
COMMENT ON COLUMN sales.order_lines.note IS 'Wish of the buyer, such as an engraving.';

CREATE TABLE sales.order_events (
    order_id bigint NOT NULL,
    happened_at timestamptz(3) NOT NULL,
    event text NOT NULL,
    old_state sales.order_state,
    new_state sales.order_state,
    actor text NOT NULL DEFAULT 'system',
    details jsonb
) PARTITION BY RANGE (happened_at);
CREATE TABLE sales.order_events_2026q1 PARTITION OF sales.order_events
    FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2026-04-01 00:00+00');
CREATE TABLE sales.order_events_2026q2 PARTITION OF sales.order_events
    FOR VALUES FROM ('2026-04-01 00:00+00') TO ('2026-07-01 00:00+00');
CREATE TABLE sales.order_events_2026q3 PARTITION OF sales.order_events
    FOR VALUES FROM ('2026-07-01 00:00+00') TO ('2026-10-01 00:00+00');
CREATE TABLE sales.order_events_2026q4 PARTITION OF sales.order_events
    FOR VALUES FROM ('2026-10-01 00:00+00') TO ('2027-01-01 00:00+00');
CREATE INDEX order_events_order ON sales.order_events (order_id, happened_at);
COMMENT ON TABLE sales.order_events IS 'History of each order, by quarter. Kept for two years.';
COMMENT ON COLUMN sales.order_events.event IS 'What happened, such as state_changed or note_added.';
COMMENT ON COLUMN sales.order_events.actor IS 'The personnel number of the employee, or system.';
COMMENT ON COLUMN sales.order_events.details IS 'What the event carried. Never card data.';
COMMENT ON COLUMN sales.order_events.happened_at IS 'Clock of the order service, in milliseconds.';

CREATE TABLE sales.payments (
    payment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id bigint NOT NULL REFERENCES sales.orders ON DELETE RESTRICT,
    method sales.payment_method NOT NULL,
    provider text NOT NULL DEFAULT 'inhouse',
    provider_reference text,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency char(3) NOT NULL,
    authorised_at timestamptz,
    captured_at timestamptz,
    failure_code text,
    CONSTRAINT payments_reference_key UNIQUE (provider, provider_reference),
    CONSTRAINT payments_capture_after_authorisation CHECK (captured_at >= authorised_at)
);
CREATE INDEX payments_order ON sales.payments USING hash (order_id);
COMMENT ON TABLE sales.payments IS 'Attempts to pay an order. Several may exist, at most one is captured.';
COMMENT ON COLUMN sales.payments.provider_reference IS 'The number under which the provider knows the payment.';
COMMENT ON COLUMN sales.payments.captured_at IS 'When the money was taken. Null if it never was.';
COMMENT ON COLUMN sales.payments.failure_code IS 'Code of the provider. Null after success.';
COMMENT ON COLUMN sales.payments.method IS 'How the buyer chose to pay.';
COMMENT ON COLUMN sales.payments.amount_minor IS 'What was asked for, in minor units of the currency.';
COMMENT ON COLUMN sales.payments.authorised_at IS 'When the provider promised the money.';

CREATE TABLE sales.returns (
    return_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES sales.orders,
    requested_at timestamptz NOT NULL,
    reason text NOT NULL,
    received_at timestamptz,
    is_free_of_charge boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE sales.returns IS 'Goods that customers send back.';
COMMENT ON COLUMN sales.returns.reason IS 'Chosen from a list in the web shop. Free text at the counter.';
COMMENT ON COLUMN sales.returns.received_at IS 'When the parcel was opened. Null while it is on its way.';
COMMENT ON COLUMN sales.returns.is_free_of_charge IS 'True when the fault was ours.';

CREATE TABLE sales.return_lines (
    return_id bigint NOT NULL REFERENCES sales.returns ON DELETE CASCADE,
    order_id bigint NOT NULL,
    line_number smallint NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    condition text CHECK (condition IN ('as_new', 'opened', 'damaged')),
    refund_minor bigint,
    PRIMARY KEY (return_id, order_id, line_number),
    FOREIGN KEY (order_id, line_number) REFERENCES sales.order_lines
);
COMMENT ON TABLE sales.return_lines IS 'Which lines of the order come back, and in what condition.';
COMMENT ON COLUMN sales.return_lines.condition IS 'Judged when the parcel is opened.';
COMMENT ON COLUMN sales.return_lines.refund_minor IS 'What the buyer gets back. Null until it is decided.';

CREATE TABLE sales.carts (
    cart_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id bigint REFERENCES sales.customers ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    abandoned_at timestamptz,
    items jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE sales.carts IS 'Shopping carts of the web shop. Deleted after 30 days.';
COMMENT ON COLUMN sales.carts.items IS 'Variants and quantities, without prices.';
COMMENT ON COLUMN sales.carts.abandoned_at IS 'Set after an hour without a change.';

-- ---------------------------------------------------------------- logistics

CREATE TABLE logistics.carriers (
    carrier_code text PRIMARY KEY,
    name text NOT NULL,
    tracking_url_template text,
    supports_hazardous boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE logistics.carriers IS 'Companies that carry parcels and pallets for us.';
COMMENT ON COLUMN logistics.carriers.tracking_url_template IS 'Address of the tracking page, with {number} in it.';
COMMENT ON COLUMN logistics.carriers.supports_hazardous IS 'Whether dangerous goods are accepted.';

CREATE TABLE logistics.carrier_services (
    carrier_code text NOT NULL REFERENCES logistics.carriers ON UPDATE CASCADE,
    service_code text NOT NULL,
    name text NOT NULL,
    max_weight_g integer,
    promised_days smallint,
    cut_off_at time NOT NULL DEFAULT '16:00',
    PRIMARY KEY (carrier_code, service_code)
);
COMMENT ON TABLE logistics.carrier_services IS 'Products of a carrier, such as express or pallet.';
COMMENT ON COLUMN logistics.carrier_services.promised_days IS 'Working days from hand-over to delivery.';
COMMENT ON COLUMN logistics.carrier_services.cut_off_at IS 'Parcels handed over later leave on the next day.';
COMMENT ON COLUMN logistics.carrier_services.max_weight_g IS 'Heaviest single parcel.';

CREATE TABLE logistics.delivery_zones (
    country finance.country_code NOT NULL,
    postal_prefix text NOT NULL DEFAULT '',
    carrier_code text NOT NULL,
    service_code text NOT NULL,
    surcharge_minor integer NOT NULL DEFAULT 0,
    PRIMARY KEY (country, postal_prefix, carrier_code, service_code),
    FOREIGN KEY (carrier_code, service_code) REFERENCES logistics.carrier_services ON UPDATE CASCADE
);
COMMENT ON TABLE logistics.delivery_zones IS 'Which service reaches which postal area, and at what surcharge.';
COMMENT ON COLUMN logistics.delivery_zones.postal_prefix IS 'The longest matching prefix wins. Empty for the whole country.';
COMMENT ON COLUMN logistics.delivery_zones.surcharge_minor IS 'In euro cents, added to the price of the service.';

CREATE TABLE logistics.shipments (
    shipment_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES sales.orders,
    warehouse_id smallint NOT NULL REFERENCES warehouse.warehouses,
    carrier_code text NOT NULL,
    service_code text NOT NULL,
    state logistics.shipment_state NOT NULL DEFAULT 'planned',
    planned_on date NOT NULL,
    handed_over_at timestamptz,
    delivered_at timestamptz,
    promised_on date,
    freight_cost_minor integer,
    FOREIGN KEY (carrier_code, service_code) REFERENCES logistics.carrier_services ON UPDATE CASCADE
);
CREATE INDEX shipments_order ON logistics.shipments (order_id);
CREATE INDEX shipments_under_way ON logistics.shipments (promised_on) WHERE state IN ('handed_over', 'in_transit');
COMMENT ON TABLE logistics.shipments IS 'What leaves a warehouse for one order. An order may need several.';
COMMENT ON COLUMN logistics.shipments.promised_on IS 'The date that we told the customer.';
COMMENT ON COLUMN logistics.shipments.freight_cost_minor IS 'What the carrier charges us, in euro cents.';
COMMENT ON COLUMN logistics.shipments.delivered_at IS 'First successful delivery scan.';
COMMENT ON COLUMN logistics.shipments.state IS 'Follows the scans of the carrier.';
COMMENT ON COLUMN logistics.shipments.handed_over_at IS 'When the carrier scanned it at our dock.';

CREATE TABLE logistics.parcels (
    parcel_number text COLLATE "C" PRIMARY KEY,
    shipment_id bigint NOT NULL REFERENCES logistics.shipments ON DELETE CASCADE,
    weight_g integer NOT NULL,
    size warehouse.dimensions,
    label_format text NOT NULL DEFAULT 'zpl'
);
CREATE INDEX parcels_shipment ON logistics.parcels (shipment_id);
COMMENT ON TABLE logistics.parcels IS 'Boxes of a shipment, each with its own label.';
COMMENT ON COLUMN logistics.parcels.parcel_number IS 'The tracking number on the label.';
COMMENT ON COLUMN logistics.parcels.weight_g IS 'Measured on the belt.';

CREATE TABLE logistics.tracking_events (
    parcel_number text NOT NULL REFERENCES logistics.parcels ON DELETE CASCADE,
    scanned_at timestamptz NOT NULL,
    status_code text NOT NULL,
    location text,
    raw_message jsonb,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tracking_events_parcel ON logistics.tracking_events (parcel_number, scanned_at DESC NULLS LAST);
COMMENT ON TABLE logistics.tracking_events IS 'Scans reported by carriers. Duplicates occur and are harmless.';
COMMENT ON COLUMN logistics.tracking_events.scanned_at IS 'Clock of the carrier''s scanner.';
COMMENT ON COLUMN logistics.tracking_events.status_code IS 'The carrier''s own code, not harmonised.';
COMMENT ON COLUMN logistics.tracking_events.raw_message IS 'The message as it came. May hold the recipient''s name.';
COMMENT ON COLUMN logistics.tracking_events.location IS 'Depot or town, as the carrier writes it.';

CREATE TABLE logistics.customs_declarations (
    declaration_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shipment_id bigint NOT NULL UNIQUE REFERENCES logistics.shipments,
    reference_number text,
    declared_value_minor bigint NOT NULL,
    currency finance.currency_code NOT NULL,
    accepted_at timestamptz,
    document xml
);
COMMENT ON TABLE logistics.customs_declarations IS 'Export declarations for shipments that leave the customs union.';
COMMENT ON COLUMN logistics.customs_declarations.reference_number IS 'Movement reference number, given when accepted.';
COMMENT ON COLUMN logistics.customs_declarations.declared_value_minor IS 'Value of the goods without shipping.';
COMMENT ON COLUMN logistics.customs_declarations.document IS 'The declaration as sent to customs.';

CREATE TABLE logistics.vehicles (
    vehicle_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    licence_plate text NOT NULL UNIQUE,
    payload_kg integer NOT NULL,
    site_code text REFERENCES people.work_sites ON UPDATE CASCADE,
    in_service daterange NOT NULL,
    telematics_address inet
);
COMMENT ON TABLE logistics.vehicles IS 'Our own vans for the last mile around the harbour.';
COMMENT ON COLUMN logistics.vehicles.telematics_address IS 'Address of the box in the vehicle''s private network.';
COMMENT ON COLUMN logistics.vehicles.payload_kg IS 'From the registration document.';

CREATE TABLE logistics.tours (
    vehicle_id integer NOT NULL REFERENCES logistics.vehicles,
    tour_on date NOT NULL,
    driver_id bigint REFERENCES people.employees ON DELETE SET NULL,
    distance_km numeric(6, 1),
    stops smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (vehicle_id, tour_on)
);
COMMENT ON COLUMN logistics.tours.distance_km IS 'From the odometer, filled in when the van is back.';
COMMENT ON COLUMN logistics.tours.driver_id IS 'Null for tours before 2024.';
COMMENT ON COLUMN logistics.tours.stops IS 'Addresses visited, whether or not somebody was there.';

-- ---------------------------------------------------------------- finance, continued: what refers to orders

CREATE TABLE finance.invoices (
    invoice_number text COLLATE "C" PRIMARY KEY,
    order_id bigint REFERENCES sales.orders,
    customer_id bigint NOT NULL REFERENCES sales.customers,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    state finance.invoice_state NOT NULL DEFAULT 'draft',
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gross_minor bigint GENERATED ALWAYS AS (net_minor + tax_minor) STORED,
    currency char(3) NOT NULL DEFAULT 'EUR' REFERENCES finance.currencies,
    paid_on date,
    reminder_level smallint NOT NULL DEFAULT 0,
    CONSTRAINT invoices_due_after_issue CHECK (due_on >= issued_on)
);
CREATE INDEX invoices_open ON finance.invoices (due_on) WHERE paid_on IS NULL;
CREATE INDEX invoices_customer ON finance.invoices (customer_id, issued_on DESC);
COMMENT ON TABLE finance.invoices IS 'Invoices to trade customers. Consumers get a receipt instead.';
COMMENT ON COLUMN finance.invoices.invoice_number IS 'Gapless within a year, as the tax office requires.';
COMMENT ON COLUMN finance.invoices.gross_minor IS 'What the customer owes, in minor units.';
COMMENT ON COLUMN finance.invoices.reminder_level IS 'How many reminders were sent, at most 3.';
COMMENT ON COLUMN finance.invoices.order_id IS 'Null for invoices that cover several orders.';
COMMENT ON COLUMN finance.invoices.due_on IS 'Date of issue plus the terms of the customer.';
COMMENT ON COLUMN finance.invoices.state IS 'Overdue is set by the nightly run.';
COMMENT ON COLUMN finance.invoices.net_minor IS 'Sum of the lines, before tax.';

CREATE TABLE finance.invoice_lines (
    invoice_number text NOT NULL REFERENCES finance.invoices ON DELETE CASCADE,
    line_number smallint NOT NULL,
    description text NOT NULL,
    quantity numeric(12, 3) NOT NULL,
    net_minor bigint NOT NULL,
    tax_rate finance.percentage NOT NULL,
    PRIMARY KEY (invoice_number, line_number)
);
COMMENT ON TABLE finance.invoice_lines IS 'Positions of an invoice, as printed.';
COMMENT ON COLUMN finance.invoice_lines.quantity IS 'May be fractional for goods sold by weight.';
COMMENT ON COLUMN finance.invoice_lines.tax_rate IS 'The rate on the day of delivery.';

-- ---------------------------------------------------------------- marketing

CREATE TABLE marketing.campaigns (
    campaign_id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    medium text NOT NULL CHECK (medium IN ('email', 'search', 'social', 'print', 'affiliate')),
    runs daterange NOT NULL,
    budget_minor bigint NOT NULL DEFAULT 0,
    promo_code text REFERENCES sales.promotions ON DELETE SET NULL,
    owner_id bigint REFERENCES people.employees ON DELETE SET NULL
);
COMMENT ON TABLE marketing.campaigns IS 'Planned and running campaigns in all media.';
COMMENT ON COLUMN marketing.campaigns.budget_minor IS 'Approved budget in euro cents.';
COMMENT ON COLUMN marketing.campaigns.runs IS 'First day included, last day excluded.';
COMMENT ON COLUMN marketing.campaigns.promo_code IS 'The code that the campaign advertises, if any.';

CREATE TABLE marketing.campaign_spend (
    campaign_id integer NOT NULL REFERENCES marketing.campaigns ON DELETE CASCADE,
    spent_on date NOT NULL,
    amount_minor bigint NOT NULL,
    impressions bigint,
    clicks integer,
    PRIMARY KEY (campaign_id, spent_on)
);
COMMENT ON TABLE marketing.campaign_spend IS 'Daily cost and reach, as reported by the media.';
COMMENT ON COLUMN marketing.campaign_spend.impressions IS 'Null for print.';
COMMENT ON COLUMN marketing.campaign_spend.amount_minor IS 'In euro cents, without tax.';

CREATE TABLE marketing.consents (
    customer_id bigint NOT NULL REFERENCES sales.customers ON DELETE CASCADE,
    purpose marketing.consent_purpose NOT NULL,
    given_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    source text NOT NULL,
    wording_version smallint NOT NULL,
    PRIMARY KEY (customer_id, purpose, given_at)
);
CREATE INDEX consents_in_force ON marketing.consents (purpose, customer_id) WHERE withdrawn_at IS NULL;
COMMENT ON TABLE marketing.consents IS 'Who agreed to what and when. Withdrawn rows stay as proof.';
COMMENT ON COLUMN marketing.consents.source IS 'Where the box was ticked.';
COMMENT ON COLUMN marketing.consents.wording_version IS 'Which text the customer saw.';
COMMENT ON COLUMN marketing.consents.purpose IS 'What the customer agreed to.';
COMMENT ON COLUMN marketing.consents.withdrawn_at IS 'Null while the consent is in force.';

CREATE TABLE marketing.segments (
    segment_code text PRIMARY KEY,
    name text NOT NULL,
    definition text,
    refreshed_at timestamptz
);
COMMENT ON TABLE marketing.segments IS 'Groups of customers for mailings.';
COMMENT ON COLUMN marketing.segments.definition IS 'The rule in words.';

CREATE TABLE marketing.segment_members (
    segment_code text NOT NULL REFERENCES marketing.segments ON DELETE CASCADE,
    customer_id bigint NOT NULL REFERENCES sales.customers ON DELETE CASCADE,
    added_on date NOT NULL DEFAULT CURRENT_DATE,
    PRIMARY KEY (segment_code, customer_id)
);

CREATE TABLE marketing.email_sends (
    send_id bigserial PRIMARY KEY,
    campaign_id integer NOT NULL REFERENCES marketing.campaigns,
    customer_id bigint NOT NULL REFERENCES sales.customers ON DELETE CASCADE,
    sent_at timestamptz NOT NULL,
    opened_at timestamptz,
    clicked_at timestamptz,
    bounced boolean NOT NULL DEFAULT false
);
CREATE INDEX email_sends_campaign ON marketing.email_sends (campaign_id, sent_at);
COMMENT ON TABLE marketing.email_sends IS 'One row per message sent. Anonymised after a year.';
COMMENT ON COLUMN marketing.email_sends.opened_at IS 'First load of the picture. Undercounts by design of mail programs.';
COMMENT ON COLUMN marketing.email_sends.bounced IS 'The receiving server refused the address for good.';

CREATE TABLE marketing.web_sessions (
    session_id uuid NOT NULL DEFAULT gen_random_uuid(),
    started_at timestamptz NOT NULL,
    customer_id bigint,
    landing_page text NOT NULL,
    referrer_host text,
    utm_campaign text,
    device_kind text,
    country finance.country_code,
    client_address inet,
    page_views smallint NOT NULL DEFAULT 1,
    duration interval
);
CREATE INDEX web_sessions_started ON marketing.web_sessions USING brin (started_at);
COMMENT ON TABLE marketing.web_sessions IS 'Visits to the web shop, without those who declined measuring.';
COMMENT ON COLUMN marketing.web_sessions.customer_id IS 'Known only after sign-in. No foreign key, on purpose.';
COMMENT ON COLUMN marketing.web_sessions.client_address IS 'Last octet set to zero before it is stored.';
COMMENT ON COLUMN marketing.web_sessions.duration IS 'From the first to the last page. Null for one page.';
COMMENT ON COLUMN marketing.web_sessions.landing_page IS 'Path of the first page, without the query.';
COMMENT ON COLUMN marketing.web_sessions.referrer_host IS 'Host only. Null for direct visits.';
COMMENT ON COLUMN marketing.web_sessions.page_views IS 'Pages seen in this visit.';

-- ---------------------------------------------------------------- analytics

CREATE TABLE analytics.calendar (
    day date PRIMARY KEY,
    iso_week smallint NOT NULL,
    iso_weekday smallint NOT NULL,
    month_start date NOT NULL,
    is_working_day boolean NOT NULL,
    holiday_name text
);
COMMENT ON TABLE analytics.calendar IS 'One row per day, for joins in reports.';
COMMENT ON COLUMN analytics.calendar.is_working_day IS 'Monday to Friday without Dutch public holidays.';
COMMENT ON COLUMN analytics.calendar.month_start IS 'First day of the month, for grouping.';

CREATE TABLE analytics.kpi_targets (
    kpi text NOT NULL,
    month_start date NOT NULL,
    target double precision NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (kpi, month_start)
);
COMMENT ON TABLE analytics.kpi_targets IS 'Targets agreed for the year, by month.';
COMMENT ON COLUMN analytics.kpi_targets.unit IS 'eur, percent, days or count.';

CREATE UNLOGGED TABLE analytics.churn_scores (
    customer_id bigint PRIMARY KEY,
    score real NOT NULL CHECK (score BETWEEN 0 AND 1),
    model_version text NOT NULL,
    features double precision[],
    scored_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE analytics.churn_scores IS 'Output of the churn model. Rebuilt weekly, may be lost.';
COMMENT ON COLUMN analytics.churn_scores.score IS 'Probability of no order within 180 days.';
COMMENT ON COLUMN analytics.churn_scores.model_version IS 'Year and running number of the model.';

CREATE TABLE analytics.tmp_price_check_old (
    sku text,
    price_a numeric,
    price_b numeric,
    checked_by varchar(40)
);

-- ---------------------------------------------------------------- legacy

CREATE TABLE legacy."Kunden Liste" (
    "KundenNr" serial PRIMARY KEY,
    "Name 1" varchar(40) NOT NULL,
    "Name 2" varchar(40),
    "Straße" varchar(60),
    "PLZ" char(5),
    "Ort" varchar(40),
    "Umsatz Vorjahr" numeric(12, 2) DEFAULT 0.00,
    "Gesperrt?" boolean DEFAULT false
);
CREATE INDEX "Kunden Liste PLZ" ON legacy."Kunden Liste" ("PLZ", "Name 1");
COMMENT ON TABLE legacy."Kunden Liste" IS 'Customers of the old German system. Numbers map to sales.customers by DE- and the number.';
COMMENT ON COLUMN legacy."Kunden Liste"."KundenNr" IS 'Old customer number, still printed on warranty cards.';
COMMENT ON COLUMN legacy."Kunden Liste"."Umsatz Vorjahr" IS 'Sales of the year before, in euros.';
COMMENT ON COLUMN legacy."Kunden Liste"."Gesperrt?" IS 'Blocked for new orders.';
COMMENT ON COLUMN legacy."Kunden Liste"."PLZ" IS 'Postal code.';

CREATE TABLE legacy."Artikel" (
    "ArtNr" varchar(12) PRIMARY KEY,
    "Bezeichnung" varchar(80),
    "EK-Preis" numeric(10, 2),
    "VK-Preis" numeric(10, 2),
    "order" integer
);
COMMENT ON TABLE legacy."Artikel" IS 'Articles of the old German system.';
COMMENT ON COLUMN legacy."Artikel"."order" IS 'Sort order on the printed list. A reserved word, so quote it.';
COMMENT ON COLUMN legacy."Artikel"."EK-Preis" IS 'Purchase price in euros.';
COMMENT ON COLUMN legacy."Artikel"."VK-Preis" IS 'Sales price in euros, tax included.';

CREATE TABLE legacy."AuftragKopf" (
    "AuftragNr" integer PRIMARY KEY,
    "KundenNr" integer REFERENCES legacy."Kunden Liste" ON DELETE RESTRICT,
    "Datum" timestamp without time zone,
    "Bemerkung" text
);
COMMENT ON TABLE legacy."AuftragKopf" IS 'Order headers until 2019. Times are local to Hamburg.';
COMMENT ON COLUMN legacy."AuftragKopf"."Datum" IS 'When the order was typed in. No time zone was kept.';

CREATE TABLE legacy."AuftragPosition" (
    "AuftragNr" integer NOT NULL REFERENCES legacy."AuftragKopf" ON DELETE CASCADE,
    "Pos" smallint NOT NULL,
    "ArtNr" varchar(12) REFERENCES legacy."Artikel",
    "Menge" numeric(8, 2),
    "Rabatt %" real,
    PRIMARY KEY ("AuftragNr", "Pos")
);
