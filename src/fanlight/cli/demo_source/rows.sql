-- Invented rows for Harbour Goods: the same on every load, dated 2026, enough of them for believable estimates.

SET LOCAL synchronous_commit = off;
SET LOCAL timezone = 'UTC';
SELECT setseed(0.2026);
-- The rows refer to each other correctly. A superuser may skip the check of each reference, which halves the time.
DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        SET LOCAL session_replication_role = replica;
    END IF;
END
$$;

-- ---------------------------------------------------------------- people and finance: the small tables

INSERT INTO people.work_sites (site_code, name, country, city, time_zone, position_lon_lat, opened_on) VALUES
    ('RTM', 'Head office and harbour warehouse', 'NL', 'Rotterdam', 'Europe/Amsterdam', '(4.14,51.95)', '1987-04-01'),
    ('HAM', 'Warehouse north', 'DE', 'Hamburg', 'Europe/Berlin', '(9.93,53.53)', '2004-09-15'),
    ('ANR', 'Bonded warehouse', 'BE', 'Antwerpen', 'Europe/Brussels', '(4.32,51.30)', '2011-02-01'),
    ('LEH', 'Warehouse west', 'FR', 'Le Havre', 'Europe/Paris', '(0.13,49.48)', '2016-06-01'),
    ('GDN', 'Warehouse east', 'PL', 'Gdynia', 'Europe/Warsaw', '(18.53,54.53)', '2021-10-01'),
    ('LIS', 'Customer care', 'PT', 'Lisboa', 'Europe/Lisbon', '(-9.14,38.71)', '2023-03-01');

INSERT INTO people.departments (parent_id, name)
SELECT CASE WHEN i > 1 THEN 1 END, name
FROM unnest(ARRAY['Management board', 'Human Resources', 'Finance', 'Purchasing', 'Warehouse operations', 'Transport',
    'Web shop', 'Field sales', 'Customer care', 'Marketing', 'Data and analytics', 'Information technology'])
    WITH ORDINALITY AS d (name, i)
ORDER BY i;

INSERT INTO finance.cost_centres (cost_centre_code, name, department_id, yearly_budget_eur)
SELECT to_char(department_id * 100, 'FM0000'), name, department_id, 250000 + department_id * 87500
FROM people.departments ORDER BY department_id;
UPDATE people.departments SET cost_centre_code = to_char(department_id * 100, 'FM0000');

INSERT INTO people.positions (title, grade, salary_range_eur, is_people_manager)
SELECT title, grade, int4range(24000 + grade * 5500, 34000 + grade * 8000), grade >= 8
FROM unnest(ARRAY['Warehouse associate', 'Driver', 'Care agent', 'Accountant', 'Buyer', 'Web developer', 'Analyst',
    'Sales representative', 'Team lead', 'Head of department', 'Managing director'], ARRAY[2, 3, 3, 5, 6, 7, 7, 5, 8, 11, 14])
    AS p (title, grade);

INSERT INTO people.employees (personnel_number, first_name, last_name, work_email, department_id, position_id, manager_id,
    site_code, hired_on, left_on, bank_iban)
SELECT 'HG' || to_char(i, 'FM00000'), first_name, last_name,
    lower(first_name || '.' || last_name) || i || '@harbour-goods.example',
    CASE WHEN i = 1 THEN 1 WHEN i <= 12 THEN i ELSE 2 + i % 11 END,
    CASE WHEN i = 1 THEN 11 WHEN i <= 12 THEN 10 WHEN i % 17 = 0 THEN 9 ELSE 1 + i % 8 END,
    CASE WHEN i = 1 THEN NULL WHEN i <= 12 THEN 1 ELSE 2 + i % 11 END,
    (ARRAY['RTM', 'HAM', 'ANR', 'LEH', 'GDN', 'LIS'])[1 + i % 6],
    date '1996-03-01' + (random() * 10000)::int,
    CASE WHEN i > 12 AND random() < 0.15 THEN date '2024-01-31' + (random() * 900)::int END,
    'NL00HGBK' || to_char(i, 'FM0000000000')
FROM generate_series(1, 420) AS i,
    LATERAL (SELECT (ARRAY['Anna', 'Bram', 'Chloe', 'David', 'Eva', 'Finn', 'Greta', 'Hugo', 'Ines', 'Jan', 'Katja',
        'Luis', 'Maja', 'Noor', 'Olek', 'Pia', 'Quentin', 'Rosa', 'Sven'])[1 + i % 19] AS first_name,
        (ARRAY['de Vries', 'Peeters', 'Schmidt', 'Moreau', 'Nowak', 'Santos', 'Jansen', 'Maes', 'Vogel', 'Lefort',
        'Lis', 'Costa', 'Bakker'])[1 + i % 13] AS last_name) AS n;
UPDATE people.employees SET work_email = replace(work_email, ' ', '') WHERE work_email LIKE '% %';
UPDATE people.departments SET head_employee_id = department_id;

INSERT INTO people.employment_contracts (employee_id, valid_from, employment_type, weekly_hours, yearly_gross_eur)
SELECT employee_id, hired_on, CASE WHEN employee_id % 9 = 0 THEN 'fixed_term' ELSE 'permanent' END::people.employment_type,
    CASE WHEN employee_id % 4 = 0 THEN 28 ELSE 38 END, 31000 + position_id * 3400 + (random() * 4000)::int
FROM people.employees;

INSERT INTO people.absences (employee_id, kind, days, approved_by, requested_at)
SELECT e, (enum_range(NULL::people.absence_kind))[1 + (random() * 4)::int], daterange(d, d + 1 + (random() * 12)::int),
    CASE WHEN random() < 0.9 THEN 1 + e % 12 END, d - interval '30 days'
FROM (SELECT 1 + i % 420 AS e, date '2026-01-02' + (random() * 330)::int AS d FROM generate_series(1, 2600) AS i) AS a;

INSERT INTO people.shift_patterns (site_code, pattern_code, starts_at, ends_at, weekdays)
SELECT site_code, code, starts_at, ends_at, '{1,2,3,4,5}'
FROM people.work_sites, (VALUES ('early', time '06:00', time '14:00'), ('late', '14:00', '22:00'), ('night', '22:00', '06:00'))
    AS p (code, starts_at, ends_at);

INSERT INTO finance.currencies (currency, name, minor_digits, is_trading) VALUES
    ('EUR', 'Euro', 2, true), ('GBP', 'Pound sterling', 2, true), ('USD', 'US dollar', 2, true),
    ('CHF', 'Swiss franc', 2, true), ('PLN', 'Zloty', 2, true), ('SEK', 'Swedish krona', 2, false),
    ('JPY', 'Yen', 0, false), ('CNY', 'Renminbi', 2, false);

INSERT INTO finance.exchange_rates (base_currency, quote_currency, rate_on, rate)
SELECT 'EUR', currency, day::date, middle * (0.97 + random() * 0.06)
FROM (VALUES ('GBP', 0.86), ('USD', 1.09), ('CHF', 0.95), ('PLN', 4.31), ('SEK', 11.4), ('JPY', 163.0), ('CNY', 7.8))
    AS c (currency, middle), generate_series(timestamp '2025-01-01', '2026-10-31', '1 day') AS day;

INSERT INTO finance.fiscal_periods (name, days, closed_at)
SELECT to_char(m, 'YYYY-MM'), daterange(m::date, (m + interval '1 month')::date),
    CASE WHEN m < '2026-09-01' THEN m + interval '40 days' END
FROM generate_series(timestamp '2025-01-01', '2026-12-01', '1 month') AS m ORDER BY m;

INSERT INTO finance.accounts (account_number, name, kind, parent_number, is_reconciled) VALUES
    ('1000', 'Assets', 'asset', NULL, false), ('1200', 'Bank', 'asset', '1000', true),
    ('1300', 'Trade receivables', 'asset', '1000', true), ('1400', 'Stock', 'asset', '1000', false),
    ('2000', 'Liabilities', 'liability', NULL, false), ('2100', 'Trade payables', 'liability', '2000', true),
    ('2200', 'VAT payable', 'liability', '2000', true), ('3000', 'Equity', 'equity', NULL, false),
    ('4000', 'Sales of goods', 'income', NULL, false), ('4100', 'Shipping income', 'income', '4000', false),
    ('5000', 'Cost of goods', 'expense', NULL, false), ('6000', 'Wages', 'expense', NULL, false),
    ('6300', 'Freight', 'expense', NULL, false), ('6400', 'Advertising', 'expense', NULL, false);

INSERT INTO finance.tax_rates (country, tax_class, valid_from, rate)
SELECT country, tax_class, date '2021-01-01', CASE tax_class WHEN 'standard' THEN standard WHEN 'reduced' THEN reduced ELSE 0 END
FROM (VALUES ('NL', 21, 9), ('DE', 19, 7), ('BE', 21, 6), ('FR', 20, 5.5), ('PL', 23, 8), ('PT', 23, 6), ('AT', 20, 10),
    ('IE', 23, 13.5)) AS c (country, standard, reduced), unnest(ARRAY['standard', 'reduced', 'zero']) AS tax_class;

-- ---------------------------------------------------------------- catalog

INSERT INTO catalog.brands (name, website, country_of_origin)
SELECT name, 'https://' || lower(replace(name, ' ', '-')) || '.example', (ARRAY['NL', 'DE', 'FR', 'SE', 'IT'])[1 + i % 5]
FROM unnest(ARRAY['Harbour', 'Quayside', 'North Pier', 'Mole', 'Anker', 'Boje', 'Cap Gris', 'Delta Works', 'Fjord',
    'Gangway', 'Halyard', 'Kiel Line', 'Lantern', 'Mistral', 'Oar and Co', 'Polder']) WITH ORDINALITY AS b (name, i);

INSERT INTO catalog.categories (category_id, parent_id, slug, name, path, sort_order)
SELECT i, NULL, lower(name), name, lower(name), i
FROM unnest(ARRAY['Kitchen', 'Garden', 'Lighting', 'Tools', 'Outdoor', 'Office', 'Textiles', 'Storage'])
    WITH ORDINALITY AS c (name, i);
INSERT INTO catalog.categories (category_id, parent_id, slug, name, path, sort_order)
SELECT 8 + (p.category_id - 1) * 5 + k.i, p.category_id, lower(k.name), k.name || ' ' || lower(p.name),
    p.path || '/' || lower(k.name), k.i
FROM catalog.categories AS p, unnest(ARRAY['Basic', 'Premium', 'Spare', 'Seasonal', 'Clearance']) WITH ORDINALITY AS k (name, i)
WHERE p.parent_id IS NULL;
SELECT setval(pg_get_serial_sequence('catalog.categories', 'category_id'), 48);

INSERT INTO catalog.products (product_code, name, description, brand_id, category_id, status, hs_code, warranty, keywords,
    specifications, buyer_id)
SELECT 'HG-' || to_char(i, 'FM00000'), adjective || ' ' || noun, 'A ' || lower(adjective) || ' ' || lower(noun) || ' for every day.',
    1 + i % 16, 9 + i % 40,
    (ARRAY['active', 'active', 'active', 'active', 'phasing_out', 'draft', 'discontinued'])[1 + (random() * 6)::int]::catalog.product_status,
    to_char(39000000 + (random() * 5000000)::int, 'FM00000000'), CASE WHEN i % 5 = 0 THEN interval '2 years' END,
    ARRAY[lower(adjective), lower(noun)], jsonb_build_object('material', adjective, 'volume_l', round((random() * 40)::numeric, 1)),
    1 + i % 400
FROM generate_series(1, 1600) AS i,
    LATERAL (SELECT (ARRAY['Steel', 'Oak', 'Linen', 'Glass', 'Enamel', 'Brass', 'Cork', 'Ceramic', 'Wool', 'Bamboo',
        'Copper'])[1 + i % 11] AS adjective,
        (ARRAY['Kettle', 'Lantern', 'Crate', 'Bench', 'Apron', 'Jar', 'Hammer', 'Lamp', 'Basket', 'Tray', 'Shelf',
        'Bucket', 'Blanket'])[1 + i % 13] AS noun) AS n;

INSERT INTO catalog.product_variants (product_id, sku, gtin, colour, size_label, weight_g, packed_size, units_per_carton, is_hazardous)
SELECT p, 'HG-' || to_char(p, 'FM00000') || '-' || k, CASE WHEN p % 4 <> 0 THEN to_char(8710000000000 + p * 10 + k, 'FM0000000000000') END,
    (ARRAY['black', 'white', 'natural'])[k], CASE WHEN p % 3 = 0 THEN 'L' END, 80 + (random() * 6000)::int,
    ROW(60 + (random() * 700)::int, 60 + (random() * 400)::int, 20 + (random() * 300)::int)::warehouse.dimensions,
    1 + (random() * 23)::int, p % 97 = 0
FROM generate_series(1, 1600) AS p, generate_series(1, 3) AS k;

INSERT INTO catalog.product_translations (product_id, language, name, translated_by)
SELECT product_id, language, name || ' (' || language || ')', CASE WHEN random() < 0.3 THEN 'agency' ELSE 'machine' END
FROM catalog.products, unnest(ARRAY['de', 'fr']) AS language;

INSERT INTO catalog.product_images (image_id, product_id, object_key, width_px, height_px, alt_text)
SELECT md5('image' || product_id)::uuid, product_id, 'products/' || product_code || '/front.jpg', 1600, 1200, CASE WHEN random() < 0.6 THEN name END
FROM catalog.products;

INSERT INTO catalog.price_lists (price_list_code, name, currency, includes_tax) VALUES
    ('RETAIL-EUR', 'Retail, euro', 'EUR', true), ('RETAIL-GBP', 'Retail, sterling', 'GBP', true),
    ('TRADE-EUR', 'Trade, euro', 'EUR', false);

INSERT INTO catalog.prices (price_list_code, variant_id, valid_from, amount_minor, set_by)
SELECT list, v, date '2026-01-01', 299 + (random() * 24000)::int, 4
FROM unnest(ARRAY['RETAIL-EUR', 'RETAIL-GBP', 'TRADE-EUR']) AS list, generate_series(1, 4800) AS v;

INSERT INTO catalog.suppliers (name, country, vat_number, payment_terms_days, contact_email, rating)
SELECT 'Supplier ' || to_char(i, 'FM000'), c, c || to_char(100000000 + i * 7919, 'FM000000000'), (ARRAY[14, 30, 45, 60])[1 + i % 4],
    'orders@supplier' || i || '.example', round((2 + random() * 3)::numeric, 1)
FROM generate_series(1, 180) AS i, LATERAL (SELECT (ARRAY['NL', 'DE', 'CN', 'PL', 'IT', 'TR', 'VN'])[1 + i % 7] AS c) AS n;

INSERT INTO catalog.supplier_offers (supplier_id, variant_id, supplier_sku, cost_minor, currency, lead_time_days, is_preferred)
SELECT 1000 + (v + k * 61) % 180, v, 'S' || v || '-' || k, 120 + (random() * 6000)::int, (ARRAY['EUR', 'USD', 'CNY'])[1 + v % 3],
    7 + (random() * 60)::int, k = 0
FROM generate_series(1, 4800) AS v, generate_series(0, 1) AS k WHERE k = 0 OR v % 5 = 0;

-- ---------------------------------------------------------------- warehouse

INSERT INTO warehouse.warehouses (warehouse_id, site_code, name, floor_area_m2, is_bonded) VALUES
    (1, 'RTM', 'Rotterdam harbour', 18500, false), (2, 'HAM', 'Hamburg north', 9400, false),
    (3, 'ANR', 'Antwerp bonded', 6100, true), (4, 'LEH', 'Le Havre west', 5200, false), (5, 'GDN', 'Gdynia east', 7800, false);

INSERT INTO warehouse.zones (warehouse_id, zone_code, purpose, temperature_c)
SELECT warehouse_id, code, purpose, CASE code WHEN 'CO' THEN numrange(2, 8) END
FROM warehouse.warehouses, (VALUES ('RE', 'receiving'), ('BU', 'bulk'), ('PI', 'picking'), ('CO', 'cool'), ('RT', 'returns'))
    AS z (code, purpose);

INSERT INTO warehouse.bins (warehouse_id, zone_code, bin_code, capacity_l, max_weight_kg, is_blocked)
SELECT w, CASE WHEN aisle <= 4 THEN 'BU' ELSE 'PI' END, to_char(aisle, 'FM00') || '-' || to_char(place, 'FM000'), 240, 400,
    random() < 0.01
FROM generate_series(1, 5) AS w, generate_series(1, 12) AS aisle, generate_series(1, 60) AS place;

INSERT INTO warehouse.stock_levels (warehouse_id, bin_code, variant_id, on_hand, reserved, counted_at)
SELECT 1 + (v + k) % 5, to_char(1 + v % 12, 'FM00') || '-' || to_char(1 + (v / 12) % 60, 'FM000'), v, 20 + (random() * 300)::int,
    (random() * 20)::int, timestamptz '2026-01-05 06:00+00' + random() * interval '260 days'
FROM generate_series(1, 4800) AS v, generate_series(0, 1) AS k;

INSERT INTO warehouse.stock_movements (moved_at, warehouse_id, variant_id, kind, quantity, from_bin, to_bin, reference, employee_id)
SELECT timestamptz '2026-01-02 05:00+00' + (i * interval '14 minutes'), 1 + i % 5, 1 + (random() * 4799)::int, kind,
    CASE WHEN kind IN ('pick', 'scrap') THEN -1 ELSE 1 END * (1 + (random() * 12)::int),
    CASE WHEN kind <> 'receipt' THEN '01-001' END, CASE WHEN kind <> 'pick' THEN '02-017' END, 'REF-' || i, 13 + i % 400
FROM generate_series(1, 30000) AS i,
    LATERAL (SELECT ('{receipt,pick,transfer,pick,adjustment,return,pick,receipt,scrap}'::warehouse.movement_kind[])[1 + i % 9] AS kind) AS n;

INSERT INTO warehouse.purchase_orders (supplier_id, warehouse_id, ordered_on, expected_on, currency, state, buyer_id)
SELECT 1000 + i % 180, 1 + i % 5, d, CASE WHEN i % 10 <> 0 THEN d + 30 END, (ARRAY['EUR', 'USD', 'CNY'])[1 + i % 3],
    CASE WHEN d < '2026-08-01' THEN 'received' WHEN i % 3 = 0 THEN 'open' ELSE 'confirmed' END, 4
FROM generate_series(1, 1600) AS i, LATERAL (SELECT date '2026-01-02' + i / 6 AS d) AS n;

INSERT INTO warehouse.purchase_order_lines (purchase_order_id, line_number, variant_id, quantity, unit_cost_minor, received_quantity)
SELECT p, n, 1 + (p * 13 + n * 701) % 4800, 48, 150 + (random() * 6000)::int, CASE WHEN p < 1270 THEN 48 ELSE 0 END
FROM generate_series(1, 1600) AS p, generate_series(1, 4) AS n;

INSERT INTO warehouse.goods_receipts (purchase_order_id, line_number, received_at, quantity, damaged_quantity, received_by)
SELECT purchase_order_id, line_number, timestamptz '2026-02-01 07:30+00' + purchase_order_id * interval '4 hours', 48,
    CASE WHEN random() < 0.04 THEN 2 ELSE 0 END, 5
FROM warehouse.purchase_order_lines WHERE received_quantity > 0;

INSERT INTO warehouse.stock_counts (warehouse_id, bin_code, variant_id, counted_at, expected, counted)
SELECT warehouse_id, bin_code, variant_id, counted_at, on_hand, greatest(on_hand - (random() * 1.2)::int, 0)
FROM warehouse.stock_levels WHERE variant_id % 6 = 0;

-- ---------------------------------------------------------------- sales

INSERT INTO sales.channels (channel_id, code, name, is_online) VALUES
    (1, 'web', 'Web shop', true), (2, 'app', 'Mobile app', true), (3, 'market', 'Marketplaces', true),
    (4, 'counter', 'Counter sale', false), (5, 'field', 'Field sales', false);

INSERT INTO sales.promotions (promo_code, title, valid_during, discount, usage_limit, category_ids)
SELECT upper(to_char(m, 'FMMon')) || (5 + i % 4 * 5) || 'OFF', to_char(m, 'FMMonth') || ' offer', tstzrange(m, m + interval '1 month'),
    5 + i % 4 * 5, CASE WHEN i % 3 = 0 THEN 5000 END, CASE WHEN i % 2 = 0 THEN ARRAY[1, 2, 5] END
FROM generate_series(timestamptz '2026-01-01 00:00+00', '2026-12-01 00:00+00', '1 month') WITH ORDINALITY AS g (m, i);

INSERT INTO sales.customers (customer_number, is_company, name, email, phone, vat_number, price_list_code, credit_limit_minor,
    language, account_manager_id, referred_by, created_at)
SELECT 'C' || to_char(i, 'FM0000000'), i % 8 = 0, CASE WHEN i % 8 = 0 THEN 'Company ' ELSE 'Customer ' END || i,
    CASE WHEN i % 25 <> 0 THEN 'customer' || i || '@mail.example' END, '+31 10 ' || to_char(2000000 + i, 'FM0000000'),
    CASE WHEN i % 8 = 0 THEN 'NL' || to_char(800000000 + i, 'FM000000000') || 'B01' END,
    CASE WHEN i % 8 = 0 THEN 'TRADE-EUR' WHEN i % 11 = 0 THEN 'RETAIL-GBP' ELSE 'RETAIL-EUR' END,
    CASE WHEN i % 8 = 0 THEN 500000 ELSE 0 END, (ARRAY['nl', 'de', 'fr', 'en', 'pl'])[1 + i % 5],
    CASE WHEN i % 8 = 0 THEN 8 + i % 390 END, CASE WHEN i > 100 AND i % 30 = 0 THEN i / 30 END,
    timestamptz '2019-01-01 00:00+00' + random() * interval '2700 days'
FROM generate_series(1, 6000) AS i;

INSERT INTO sales.addresses (address_id, customer_id, label, recipient, street, postal_code, city, country, is_default)
SELECT i, i, 'home', 'Customer ' || i, 'Kade ' || 1 + i % 240, to_char(1000 + i % 8999, 'FM0000') || ' AB',
    (ARRAY['Rotterdam', 'Hamburg', 'Antwerpen', 'Le Havre', 'Gdynia'])[1 + i % 5], (ARRAY['NL', 'DE', 'BE', 'FR', 'PL'])[1 + i % 5], true
FROM generate_series(1, 6000) AS i;
SELECT setval(pg_get_serial_sequence('sales.addresses', 'address_id'), 6000);

INSERT INTO sales.customer_contacts (customer_id, name, role, email)
SELECT customer_id, 'Contact ' || customer_id, (ARRAY['purchasing', 'accounts', 'owner'])[1 + customer_id % 3],
    'contact' || customer_id || '@company.example'
FROM sales.customers WHERE is_company;

INSERT INTO sales.orders (order_id, order_number, customer_id, channel_id, placed_at, state, email, ship_to_name,
    ship_to_address_id, bill_to_address_id, currency, subtotal_minor, shipping_minor, tax_minor, promo_code, sales_rep_id,
    warehouse_id, is_test, attributes)
SELECT i, '2026-' || to_char(i, 'FM000000'), CASE WHEN channel <> 4 THEN customer END, channel, placed_at,
    CASE WHEN i % 23 = 0 THEN 'cancelled' WHEN i < 11500 THEN 'delivered' WHEN i < 11750 THEN 'shipped' WHEN i < 11850 THEN 'picked'
        WHEN i < 11920 THEN 'paid' ELSE 'placed' END::sales.order_state,
    'customer' || customer || '@mail.example', 'Customer ' || customer, CASE WHEN channel <> 4 THEN customer END,
    CASE WHEN channel <> 4 THEN customer END, CASE WHEN i % 11 = 0 THEN 'GBP' ELSE 'EUR' END, subtotal, 495, subtotal * 21 / 100,
    CASE WHEN i % 40 = 0 THEN 'JAN10OFF' END, CASE WHEN channel = 5 THEN 8 + i % 390 END, 1 + i % 5, i % 1500 = 0,
    CASE WHEN i % 6 = 0 THEN '{"gift_wrap": true}'::jsonb END
FROM (
    SELECT i, 1 + floor(power(random(), 1.6) * 6000)::int AS customer, (ARRAY[1, 1, 1, 2, 2, 3, 4, 5])[1 + i % 8] AS channel,
        timestamptz '2026-01-01 06:00+00' + i * interval '36 minutes' AS placed_at, 900 + (random() * 30000)::bigint AS subtotal
    FROM generate_series(1, 12000) AS i
) AS o;
SELECT setval(pg_get_serial_sequence('sales.orders', 'order_id'), 12000);

INSERT INTO sales.order_lines (order_id, line_number, variant_id, quantity, unit_price_minor)
SELECT o, n, 1 + floor(power(random(), 2) * 4800)::int, 1 + (random() * 3)::int, 299 + (random() * 6000)::int
FROM generate_series(1, 12000) AS o, generate_series(1, 4) AS n WHERE n <= 1 + o % 4;

INSERT INTO sales.order_events (order_id, happened_at, event, old_state, new_state)
SELECT order_id, placed_at + n * interval '9 hours', CASE n WHEN 0 THEN 'created' ELSE 'state_changed' END,
    (ARRAY[NULL, 'placed', 'paid']::sales.order_state[])[1 + n], (ARRAY['placed', 'paid', 'picked']::sales.order_state[])[1 + n]
FROM sales.orders, generate_series(0, 2) AS n;

INSERT INTO sales.payments (payment_id, order_id, method, provider, provider_reference, amount_minor, currency, authorised_at, captured_at)
SELECT md5('payment' || order_id)::uuid, order_id, ('{card,wallet,bank_transfer,card,invoice,gift_card}'::sales.payment_method[])[1 + order_id % 6], 'paywell', 'PW' || order_id, total_minor, currency,
    placed_at + interval '2 minutes', CASE WHEN state <> 'cancelled' THEN placed_at + interval '1 day' END
FROM sales.orders WHERE state <> 'placed';

INSERT INTO sales.returns (order_id, requested_at, reason, received_at)
SELECT order_id, placed_at + interval '9 days', (ARRAY['too small', 'not as described', 'damaged', 'no longer wanted'])[1 + order_id % 4],
    placed_at + interval '15 days'
FROM sales.orders WHERE state = 'delivered' AND order_id % 14 = 0 ORDER BY order_id;

INSERT INTO sales.return_lines (return_id, order_id, line_number, quantity, condition, refund_minor)
SELECT r.return_id, l.order_id, l.line_number, l.quantity, (ARRAY['as_new', 'opened', 'damaged'])[1 + r.return_id % 3], l.line_total_minor
FROM sales.returns AS r JOIN sales.order_lines AS l ON l.order_id = r.order_id AND l.line_number = 1;

INSERT INTO sales.carts (cart_id, customer_id, created_at, abandoned_at, items)
SELECT md5('cart' || i)::uuid, CASE WHEN i % 3 = 0 THEN 1 + i % 6000 END, t, CASE WHEN i % 2 = 0 THEN t + interval '1 hour' END,
    jsonb_build_array(jsonb_build_object('variant_id', 1 + i % 4800, 'quantity', 1))
FROM generate_series(1, 3000) AS i, LATERAL (SELECT timestamptz '2026-09-01 00:00+00' + i * interval '10 minutes' AS t) AS n;

-- ---------------------------------------------------------------- logistics

INSERT INTO logistics.carriers (carrier_code, name, tracking_url_template, supports_hazardous) VALUES
    ('tern', 'Tern Parcel', 'https://track.tern.example/{number}', false),
    ('rhine', 'Rhine Freight', 'https://rhine.example/t?n={number}', true),
    ('quick', 'Quickline Express', 'https://quickline.example/{number}', false), ('own', 'Own vans', NULL, true);

INSERT INTO logistics.carrier_services (carrier_code, service_code, name, max_weight_g, promised_days)
SELECT carrier_code, code, initcap(code), max_weight_g, days
FROM logistics.carriers, (VALUES ('standard', 30000, 3), ('express', 20000, 1), ('pallet', 900000, 5)) AS s (code, max_weight_g, days);

INSERT INTO logistics.delivery_zones (country, carrier_code, service_code, surcharge_minor)
SELECT country, carrier_code, service_code, (random() * 900)::int
FROM logistics.carrier_services, unnest(ARRAY['NL', 'DE', 'BE', 'FR', 'PL', 'GB', 'CH']) AS country;

INSERT INTO logistics.shipments (shipment_id, order_id, warehouse_id, carrier_code, service_code, state, planned_on, handed_over_at,
    delivered_at, promised_on, freight_cost_minor)
SELECT order_id, order_id, warehouse_id, (ARRAY['tern', 'tern', 'quick', 'rhine', 'own'])[1 + order_id % 5],
    CASE WHEN order_id % 9 = 0 THEN 'express' ELSE 'standard' END,
    CASE state WHEN 'delivered' THEN 'delivered' ELSE 'in_transit' END::logistics.shipment_state, placed_at::date + 1,
    placed_at + interval '30 hours', CASE state WHEN 'delivered' THEN placed_at + interval '2 days' + random() * interval '4 days' END,
    placed_at::date + 5, 380 + (random() * 1500)::int
FROM sales.orders WHERE state IN ('shipped', 'delivered') AND channel_id <> 4;
SELECT setval(pg_get_serial_sequence('logistics.shipments', 'shipment_id'), 12000);

INSERT INTO logistics.parcels (parcel_number, shipment_id, weight_g)
SELECT 'HGP' || to_char(shipment_id, 'FM000000000'), shipment_id, 300 + (random() * 15000)::int FROM logistics.shipments;

INSERT INTO logistics.tracking_events (parcel_number, scanned_at, status_code, location, received_at)
SELECT 'HGP' || to_char(shipment_id, 'FM000000000'), handed_over_at + n * interval '11 hours', 'S' || n * 10,
    (ARRAY['Rotterdam', 'Venlo', 'Duisburg'])[1 + n], handed_over_at + n * interval '11 hours' + interval '5 minutes'
FROM logistics.shipments, generate_series(0, 1) AS n;

INSERT INTO logistics.customs_declarations (shipment_id, reference_number, declared_value_minor, currency, accepted_at)
SELECT shipment_id, '26NL' || to_char(shipment_id, 'FM00000000000000'), 4200, 'GBP', handed_over_at
FROM logistics.shipments WHERE shipment_id % 11 = 0;

INSERT INTO logistics.vehicles (licence_plate, payload_kg, site_code, in_service, telematics_address)
SELECT 'HG-' || 100 + i, 900 + i % 3 * 250, (ARRAY['RTM', 'HAM', 'ANR'])[1 + i % 3], daterange(date '2022-01-01' + i * 30, NULL),
    inet '10.20.0.0' + i
FROM generate_series(1, 24) AS i;

INSERT INTO logistics.tours (vehicle_id, tour_on, driver_id, distance_km, stops)
SELECT v, date '2026-01-05' + d, 13 + v, round((40 + random() * 120)::numeric, 1), 10 + (random() * 50)::int
FROM generate_series(1, 24) AS v, generate_series(0, 260) AS d WHERE d % 7 < 5;

-- ---------------------------------------------------------------- finance: what follows from orders

INSERT INTO finance.invoices (invoice_number, order_id, customer_id, issued_on, due_on, state, net_minor, tax_minor, currency, paid_on)
SELECT 'I26-' || to_char(row_number() OVER (ORDER BY o.order_id), 'FM000000'), o.order_id, o.customer_id, o.placed_at::date,
    o.placed_at::date + 30, CASE WHEN o.order_id < 10500 THEN 'paid' ELSE 'issued' END::finance.invoice_state,
    o.subtotal_minor + o.shipping_minor, o.tax_minor, o.currency, CASE WHEN o.order_id < 10500 THEN o.placed_at::date + 21 END
FROM sales.orders AS o JOIN sales.customers AS c USING (customer_id) WHERE c.is_company AND o.state <> 'cancelled';

INSERT INTO finance.invoice_lines (invoice_number, line_number, description, quantity, net_minor, tax_rate)
SELECT i.invoice_number, l.line_number, 'Article ' || l.variant_id, l.quantity, l.line_total_minor, 21
FROM finance.invoices AS i JOIN sales.order_lines AS l USING (order_id);

INSERT INTO finance.journal_entries (period_id, booked_on, description, source_document, booked_by)
SELECT 13 + extract(month FROM d)::int - 1, d, 'Daily sales ' || k, 'Z' || to_char(d, 'YYYYMMDD') || '-' || k, 3
FROM generate_series(timestamp '2026-01-02', '2026-09-30', '1 day') AS g (t), LATERAL (SELECT g.t::date AS d) AS n,
    generate_series(1, 20) AS k;
INSERT INTO finance.journal_lines (entry_id, line_number, account_number, amount_minor)
SELECT entry_id, n, (ARRAY['1200', '4000', '2200'])[n], (ARRAY[12100, -10000, -2100])[n] * (1 + entry_id % 90)
FROM finance.journal_entries, generate_series(1, 3) AS n;

INSERT INTO finance.bank_transactions (transaction_id, bank_account, value_on, amount_minor, counterparty_name, purpose, matched_entry_id, imported_at)
SELECT md5('transaction' || entry_id)::uuid, 'HG-EUR-1', booked_on + 1, 12100 * (1 + entry_id % 90), 'Paywell settlements', source_document,
    CASE WHEN entry_id % 20 <> 0 THEN entry_id END, booked_on + interval '30 hours'
FROM finance.journal_entries;

-- ---------------------------------------------------------------- marketing, analytics

INSERT INTO marketing.campaigns (name, medium, runs, budget_minor, promo_code, owner_id)
SELECT p.title || ' by ' || medium, medium, daterange(lower(p.valid_during)::date, upper(p.valid_during)::date), 400000, p.promo_code, 10
FROM sales.promotions AS p, unnest(ARRAY['email', 'search', 'social', 'print']) AS medium ORDER BY lower(p.valid_during), medium;

INSERT INTO marketing.campaign_spend (campaign_id, spent_on, amount_minor, impressions, clicks)
SELECT campaign_id, lower(runs) + d, 4000 + (random() * 18000)::int, CASE WHEN medium <> 'print' THEN (random() * 40000)::int END,
    CASE WHEN medium <> 'print' THEN (random() * 900)::int END
FROM marketing.campaigns, generate_series(0, 27) AS d;

INSERT INTO marketing.consents (customer_id, purpose, given_at, withdrawn_at, source, wording_version)
SELECT customer_id, purpose, created_at, CASE WHEN random() < 0.2 THEN created_at + interval '400 days' END, 'registration', 3
FROM sales.customers, unnest(ARRAY['newsletter', 'profiling']::marketing.consent_purpose[]) AS purpose WHERE random() < 0.7;

INSERT INTO marketing.segments (segment_code, name, definition) VALUES
    ('loyal', 'Loyal buyers', 'At least five orders in twelve months'), ('sleeping', 'Sleeping', 'No order for half a year'),
    ('trade', 'Trade customers', 'Accounts with a VAT number');
INSERT INTO marketing.segment_members (segment_code, customer_id, added_on)
SELECT (ARRAY['loyal', 'sleeping', 'trade'])[1 + customer_id % 3], customer_id, date '2026-08-01' FROM sales.customers;

INSERT INTO marketing.email_sends (campaign_id, customer_id, sent_at, opened_at, bounced)
SELECT 1 + i % 48, 1 + i % 6000, t, CASE WHEN random() < 0.4 THEN t + random() * interval '2 days' END, random() < 0.01
FROM generate_series(1, 12000) AS i, LATERAL (SELECT timestamptz '2026-01-05 08:00+00' + i * interval '30 minutes' AS t) AS n;

INSERT INTO marketing.web_sessions (session_id, started_at, customer_id, landing_page, referrer_host, device_kind, country, client_address,
    page_views, duration)
SELECT md5('session' || i)::uuid, timestamptz '2026-06-01 00:00+00' + i * interval '7 minutes', CASE WHEN i % 4 = 0 THEN 1 + i % 6000 END,
    (ARRAY['/', '/kitchen', '/garden', '/sale'])[1 + i % 4], (ARRAY['search.example', 'news.example', NULL])[1 + i % 3],
    (ARRAY['phone', 'phone', 'desktop', 'tablet'])[1 + i % 4], (ARRAY['NL', 'DE', 'BE', 'FR', 'PL'])[1 + i % 5],
    inet '198.18.0.0' + (i % 250) * 256, 1 + (random() * 12)::int, random() * interval '20 minutes'
FROM generate_series(1, 30000) AS i;

INSERT INTO analytics.calendar (day, iso_week, iso_weekday, month_start, is_working_day)
SELECT d::date, extract(week FROM d), extract(isodow FROM d), date_trunc('month', d), extract(isodow FROM d) < 6
FROM generate_series(timestamp '2024-01-01', '2027-12-31', '1 day') AS d;

INSERT INTO analytics.kpi_targets (kpi, month_start, target, unit)
SELECT kpi, m, target, unit
FROM (VALUES ('net_sales', 1.2e6, 'eur'), ('on_time_delivery', 96.5, 'percent'), ('return_rate', 4, 'percent')) AS k (kpi, target, unit),
    generate_series(timestamp '2026-01-01', '2026-12-01', '1 month') AS m;

INSERT INTO analytics.churn_scores (customer_id, score, model_version, features)
SELECT customer_id, random(), '2026.3', ARRAY[random(), random(), random()] FROM sales.customers;

-- ---------------------------------------------------------------- legacy

INSERT INTO legacy."Kunden Liste" ("Name 1", "Straße", "PLZ", "Ort", "Umsatz Vorjahr")
SELECT 'Kunde ' || i, 'Hafenstraße ' || 1 + i % 90, to_char(20000 + i % 999, 'FM00000'), 'Hamburg', round((random() * 20000)::numeric, 2)
FROM generate_series(1, 1500) AS i;
INSERT INTO legacy."Artikel" ("ArtNr", "Bezeichnung", "EK-Preis", "VK-Preis", "order")
SELECT 'A' || to_char(i, 'FM00000'), 'Artikel ' || i, i % 90 + 0.5, i % 90 * 1.8 + 1, i FROM generate_series(1, 600) AS i;
INSERT INTO legacy."AuftragKopf" ("AuftragNr", "KundenNr", "Datum")
SELECT i, 1 + i % 1500, timestamp '2015-01-05 08:00' + i * interval '10 hours' FROM generate_series(1, 4000) AS i;
INSERT INTO legacy."AuftragPosition" ("AuftragNr", "Pos", "ArtNr", "Menge", "Rabatt %")
SELECT i, n, 'A' || to_char(1 + (i * n) % 600, 'FM00000'), n, 0 FROM generate_series(1, 4000) AS i, generate_series(1, 2) AS n;

DO $$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        SET LOCAL session_replication_role = origin;
    END IF;
END
$$;
