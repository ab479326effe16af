import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';

// The reference of the API, and a way to try it: as whoever is signed in to the console, or with a credential that is given here, which
// is forgotten with the page.
SwaggerUI({
  url: '/umbel/v1/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  tagsSorter: 'alpha',
  // A badge would have another host judge the document.
  validatorUrl: null,
});
